[
  (block)
  (attributes)
  (overlay)
  (metadata)
  (slo)
  (ranking)
  (traffic)
  (zip)
  (quality)
  (search)
  (opaque)
  (list)
] @indent
["}" "]" ")"] @outdent
