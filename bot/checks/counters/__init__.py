# SPDX-License-Identifier: GPL-2.0-or-later
"""Counters such as a page's reference count: the budget of their bits, and what functions leave in them."""
