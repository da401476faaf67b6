# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernel C as data: syntax trees with true spans, the facts of one file, and control flow; nothing here knows a rule or a tree."""
