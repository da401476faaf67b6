# SPDX-License-Identifier: GPL-2.0-or-later
"""What functions mean to others: the walks of all files, callees first, and the wrappers of the whole tree."""
