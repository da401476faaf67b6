# SPDX-License-Identifier: GPL-2.0-or-later
"""The walk along the paths of one function: values, state, what was taken and what became of it."""
