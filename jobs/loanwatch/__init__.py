"""loanwatch: post-loan monitoring, from delivered files to a sealed watch list."""

__version__ = "0.1.0"
