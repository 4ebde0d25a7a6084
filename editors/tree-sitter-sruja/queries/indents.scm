["{" "[" "("] @indent.begin
["}" "]" ")"] @indent.branch @indent.end
(comment) @indent.ignore
(text) @indent.ignore
