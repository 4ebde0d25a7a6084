; What is coloured, and as what. No node is taken by two patterns: whether the first or the last of them wins is not the
; same in every editor.

(comment) @comment

; ---- names

(path) @variable
(word) @variable
(element name: (name) @type)
(kind_definition name: (name) @type.definition)
(deployment name: (name) @type)
(instance name: (name) @type)
(scenario name: (name) @function)
(search name: (name) @function)
(step name: (name) @label)
(loop (name) @label)
(version name: (name) @module)
(wrapper (name) @module)
(param name: (name) @variable.parameter)
(import (name) @type)
(tag (name) @attribute)
(tag ["#" "@"] @punctuation.special)

; ---- words of the language

(keyword) @keyword
(kind) @type.builtin
["from" "git" "as" "extends" "abstract" "follows" "over" "maximize" "minimize" "subject" "budget" "of" "when" "every"
 "time" "during" "chaos" "always" "eventually" "within" "to" "severity" "weight" "strategy" "keep" "timeout" "with"
 "exec" "latin" "sobol" "step" "by" "steps" "log" "order" "quorum" "compensate" "kind" "technology" "tech" "tag" "tags"
 "mttf"
 "mttr" "one" "on" "between" "in" "replica" "replicas" "instance" "instances" "pod" "pods" "a" "t" "after"
 "instanceId" "preempt"] @keyword
["and" "or" "not"] @keyword.operator

; ---- behavior and scenarios

(attribute_name) @property
(field_name) @property
(setting_name) @property
(relation verb: (verb) @function.method)
(chaos verb: (verb) @keyword.exception)
(metric_name) @function.builtin
(function) @function.call
(constant) @constant

; ---- values

(number) @number
(text) @string
(title) @string

; ---- marks

["->" ".." "..." "=" ":" "<" "<=" ">" ">=" "==" "!=" "≤" "≥" "≠" "|" "&" "+" "-" "*" "!"] @operator
["{" "}" "[" "]" "(" ")"] @punctuation.bracket
["," ";"] @punctuation.delimiter
