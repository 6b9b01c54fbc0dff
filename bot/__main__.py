"""``python -m bot`` is ``motcua``."""

import gc

gc.disable()  # what imports make stays: looking through it on the way costs a start a tenth of its time

from bot.cli import main  # noqa: E402 - after the line above, which is for this import

gc.freeze()
gc.enable()

if __name__ == "__main__":
    main()
