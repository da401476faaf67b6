# SPDX-License-Identifier: GPL-2.0-or-later
"""What a kernel tree says at one commit: files by blob, constants, flags, prototypes, and who calls whom."""
