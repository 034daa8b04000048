"""Commands of manage.py: they parse, call the other rooms and report; nothing imports them."""
