"""Commands about comments: they parse, call the other rooms and report; nothing imports them."""
