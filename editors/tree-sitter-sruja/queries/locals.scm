; Scopes are the braces of elements and scenarios; names are seen from the innermost outwards.
(source_file) @local.scope
(block) @local.scope

(element name: (name) @local.definition.type)
(scenario name: (name) @local.definition.function)
(version name: (name) @local.definition.namespace)
(param name: (name) @local.definition.parameter)
(kind_definition name: (name) @local.definition.type)

(path) @local.reference
(kind) @local.reference
