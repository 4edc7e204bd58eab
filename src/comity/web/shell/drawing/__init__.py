"""Pictures drawn on the server: SVG with a complete text alternative, from frozen records and the moment handed in.

* No script, no style attribute: elements carry classes (`draw-...`) and presentation attributes only.
* Nothing here reads a table or a clock. Every text that comes in is escaped and made fit for XML.
* A picture is laid out once for a phone and once for a wide page; a text never overlaps another.
"""
