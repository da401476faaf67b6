# SPDX-License-Identifier: GPL-2.0-or-later
"""lorebot: reviews kernel patch series and keeps account of the questions asked about them."""

__version__ = '0.1.0'
