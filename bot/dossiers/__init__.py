"""Where a dossier stands: its number in every written form, pictures of it, sources of status, followers."""
