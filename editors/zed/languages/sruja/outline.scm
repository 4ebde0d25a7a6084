(element kind: (kind) @context name: (name) @name) @item
(element name: (name) @name kind: (kind) @context) @item
(scenario keyword: (keyword) @context name: (name) @name) @item
(scenario name: (name) @name keyword: (keyword) @context) @item
(version keyword: (keyword) @context name: (name) @name) @item
(search keyword: (keyword) @context name: (name) @name) @item
(behavior keyword: (keyword) @context (path) @name) @item
(deployment keyword: (keyword) @context name: (name) @name) @item
