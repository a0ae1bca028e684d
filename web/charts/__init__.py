"""Drawings as accessible SVG, made from plain values: no data store, no template, no JavaScript, no style attribute.

Every drawing is a `Figure`: a headline, a statistical subtitle, a source line, the SVG, and the same data as a table in
which each mark has its evidence. What is not known is drawn as not known: a month is a striped span and not a day, an
end that no source tells is open, what has no date says so.
"""
