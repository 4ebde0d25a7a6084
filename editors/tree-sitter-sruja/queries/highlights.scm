; What is coloured, and as what. Later patterns win.

(comment) @comment @spell

; ---- names

(name) @variable
(path) @variable
(word) @variable
(element name: (name) @type)
(kind_definition name: (name) @type.definition)
(scenario name: (name) @function)
(version name: (name) @module)
(search name: (name) @function)
(param name: (name) @variable.parameter)
(import (name) @type)
(tag (name) @attribute)
(tag ["#" "@"] @punctuation.special)
(annotation) @attribute

; ---- words of the language

(keyword) @keyword
(kind) @type.builtin
(import (keyword) @keyword.import)
(import ["from" "as"] @keyword.import)
(version ["from" "git" "extends"] @keyword)
["extends" "abstract" "follows" "over" "maximize" "minimize" "subject" "budget" "of" "when" "every" "time" "during"
 "chaos" "always" "eventually" "within" "from" "to" "as" "severity" "weight" "strategy" "keep" "timeout" "with" "exec"
 "latin" "sobol" "step" "by" "steps" "log" "order" "quorum" "compensate" "technology" "tech" "tags" "tag" "mttf"
 "mttr" "one" "on" "between" "in" "replica" "replicas" "instance" "instances" "pod" "pods" "a" "t" "after" "kind"
 "instanceId" "preempt"] @keyword
["and" "or" "not"] @keyword.operator

; ---- behavior and scenarios

(attribute_name) @property
(field_name) @property
(setting_name) @property
(assignment (target (path) @property .))
(verb) @function.method
(chaos verb: (verb) @keyword.exception)
(metric_name) @function.builtin
(function) @function.call
(constant) @constant

; ---- values

(number) @number
(text) @string
(title) @string @spell
(import source: (text) @string.special.path)

; ---- marks

["->" ".." "..." "=" ":" "<" "<=" ">" ">=" "==" "!=" "≤" "≥" "≠" "|" "&" "+" "-" "*" "!"] @operator
["{" "}" "[" "]" "(" ")"] @punctuation.bracket
["," ";"] @punctuation.delimiter
