# SPDX-License-Identifier: GPL-2.0-or-later
from bot.cli import main

if __name__ == '__main__':
    main()
