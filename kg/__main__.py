"""`python -m kg`: the command line, where its program is not on the PATH."""

from kg.cli import main

if __name__ == "__main__":
    main()
