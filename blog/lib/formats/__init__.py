"""How dates are written where Django chooses, as in the admin: as the site writes them."""
