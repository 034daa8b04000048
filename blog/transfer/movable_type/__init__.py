"""Blogs of Movable Type and TypePad, from the text form that both export. Nothing is fetched."""
