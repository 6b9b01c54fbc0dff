"""The national catalogue: the portal's exports, cleaned, behind the authored knowledge."""
