# SPDX-License-Identifier: GPL-2.0-or-later
"""What is seen in a function or a file without walking every path: shapes, marks, results, and where pages are kept."""
