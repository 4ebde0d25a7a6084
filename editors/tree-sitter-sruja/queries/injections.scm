((comment) @injection.content
  (#set! injection.language "comment"))

; The command of an external program.
(simulate (text) @injection.content
  (#set! injection.language "bash")
  (#offset! @injection.content 0 1 0 -1))

; Descriptions over several lines are Markdown.
(field
  name: (field_name) @_field
  (text) @injection.content
  (#any-of? @_field "description" "desc" "doc" "documentation" "knowledge" "decision" "context" "consequences")
  (#match? @injection.content "^\"\"\"")
  (#set! injection.language "markdown")
  (#offset! @injection.content 0 3 0 -3))
