"""What opens in a browser: the phone for trying the account out."""
