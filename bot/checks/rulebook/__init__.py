# SPDX-License-Identifier: GPL-2.0-or-later
"""The rule files: their format, how they are read, their examples, and their description for readers."""
