/**
 * The grammar of .sruja files: model, behavior and scenarios.
 *
 * Statements are told apart by the scanner (src/scanner.c), which puts an empty token before each: newlines rarely
 * matter in this language, every keyword may be a name, and only what stands behind a word says what it is.
 */
/// <reference types="tree-sitter-cli/dsl" />
// @ts-check

const HIDDEN = '\\u202A-\\u202E\\u2066-\\u2069\\u200B\\u200E\\u200F\\uFEFF\\u2060\\u061C\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F-\\x9F';

/** Something between `,` or `;`, which never matter between statements. */
const between = (/** @type {RuleOrLiteral} */ rule) => repeat(choice(rule, ',', ';'));

/** A name as it is declared. */
/** @param {GrammarSymbols<string>} $ */
const named = $ => field('name', choice(alias($._word, $.name), alias($._dashed, $.name)));

/** @param {GrammarSymbols<string>} $ */
const elementTail = $ => prec.right(seq(
  repeat(seq($._beside, $.tag)),
  optional(field('body', $.block)),
));

/** @param {GrammarSymbols<string>} $ */
const elementRest = $ => prec.right(seq(optional($._titles), elementTail($)));

/** @param {GrammarSymbols<string>} $ */
const scenarioTail = $ => prec.right(seq(
  repeat(choice(seq('extends', choice($.path, '*')), 'abstract', seq($._beside, $.tag))),
  optional(field('body', alias($._scenario_block, $.block))),
));

/** @param {GrammarSymbols<string>} $ */
const scenarioRest = $ => prec.right(seq(optional($._titles), scenarioTail($)));

/** @param {GrammarSymbols<string>} $ */
const deploymentTail = $ => prec.right(seq(
  repeat(seq($._beside, $.tag)),
  optional(field('body', alias($._deployment_block, $.block))),
));

/** @param {GrammarSymbols<string>} $ */
const deploymentRest = $ => prec.right(seq(optional($._titles), deploymentTail($)));

/** @param {GrammarSymbols<string>} $ */
const instanceRest = $ => prec.right(seq(
  alias($._word, $.path),
  optional(seq(optional($._beside), alias($.text, $.title))),
  optional(seq('instanceId', choice($.number, $.text))),
  optional($._soup_block),
));

/** @param {GrammarSymbols<string>} $ */
const opaqueRest = $ => prec.right(seq(
  repeat(seq($._rest, $._soup)),
  optional($._soup_block),
));

/** @param {GrammarSymbols<string>} $ */
const loopRest = $ => prec.right(seq(
  repeat(seq($._rest, $._loop_head)),
  optional(field('body', alias($._loop_block, $.block))),
));

module.exports = grammar({
  name: 'sruja',

  word: $ => $._word,

  externals: $ => [
    $.text,
    $.number,
    $._loose_number,
    $._dashed,
    $._open_brace,
    $._open_values,
    $._close_brace,
    $._open_square,
    $._close_square,
    $._open_round,
    $._close_round,
    // Statements of files, wrappers and elements.
    $._m_relation,
    $._m_assignment,
    $._m_import,
    $._m_slo,
    $._m_scale,
    $._m_metadata,
    $._m_ranking,
    $._m_behavior,
    $._m_wrapper,
    $._m_scenario,
    $._m_version,
    $._m_search,
    $._m_deployment,
    $._m_loop,
    $._m_field,
    $._m_flag_field,
    $._m_element,
    $._m_opaque,
    $._m_instance,
    $._m_edge,
    $._m_entry,
    $._m_remove,
    $._m_compensate,
    // Behind `X =`.
    $._k_kind,
    $._k_scenario,
    $._k_loop,
    $._k_deployment,
    $._k_instance,
    $._k_opaque,
    $._k_element,
    // Attributes.
    $._a_flag,
    $._a_block,
    $._a_value,
    $._a_condition,
    $._a_phrase,
    $._a_unknown,
    $._a_bool,
    $._a_word,
    // More of the statement.
    $._beside,
    $._verb,
    $._more,
    $._rest,
    $._spacing,
    // Statements of scenarios.
    $._s_step,
    $._s_steps,
    $._s_assign,
    $._s_expect,
    $._s_param,
    $._s_arrivals,
    $._s_abstract,
    $._s_group,
    $._s_traffic,
    $._s_zip,
    $._s_sample,
    $._s_exclude,
    $._s_versions,
    $._s_commits,
    $._s_tiers,
    $._s_quality,
    $._s_sync,
    $._s_checkpoint,
    $._s_simulate,
    $._s_design,
    $._s_setting,
    $._s_chaos,
    $._s_unknown,
    // Parts of a chaos event.
    $._c_moment,
    $._c_when,
    $._c_random,
    $._c_flag,
    $._c_any,
    $._c_verb,
    $._c_free_verb,
    $._c_bad_verb,
    $._c_amount,
    $._c_target,
    $._c_attribute,
    $._error_sentinel,
  ],

  extras: $ => [/[\s\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]/, /\uFEFF/, $.comment],

  supertypes: $ => [],

  rules: {
    source_file: $ => between($._item),

    comment: _ => token(choice(
      new RegExp(`//[^\\n${HIDDEN}]*`),
      new RegExp(`/\\*([^*${HIDDEN}]|\\*+[^*/${HIDDEN}])*\\*+/`),
    )),

    // A `-` or `.` belongs to the word when more of the word follows.
    _word: _ => /[\p{XID_Start}_][\p{XID_Continue}]*([-.][\p{XID_Continue}]+)*/,

    // ---- files, wrappers, elements

    _item: $ => choice(
      $.relation,
      $._assignment,
      $.import,
      $.slo,
      $.scale,
      $.metadata,
      $.ranking,
      $.behavior,
      $.wrapper,
      $.scenario,
      $.version,
      $.search,
      $.deployment,
      $.loop,
      $.field,
      $.element,
      $.opaque,
      $.annotation,
    ),

    block: $ => seq(alias($._open_brace, '{'), between($._item), alias($._close_brace, '}')),

    import: $ => seq(
      $._m_import,
      field('keyword', alias($._word, $.keyword)),
      optional(seq(
        alias($._open_brace, '{'),
        repeat(choice(alias($._word, $.name), '*', ',')),
        alias($._close_brace, '}'),
        'from',
      )),
      field('source', $.text),
      optional(seq('as', field('alias', alias($._word, $.name)))),
    ),

    _assignment: $ => seq($._m_assignment, choice(
      alias($._assigned_kind, $.kind_definition),
      alias($._assigned_scenario, $.scenario),
      alias($._assigned_loop, $.loop),
      alias($._assigned_deployment, $.deployment),
      alias($._assigned_instance, $.instance),
      alias($._assigned_opaque, $.opaque),
      alias($._assigned_element, $.element),
      alias($._assigned_list, $.field),
    )),

    _name: $ => seq(named($), $._separator),
    _separator: _ => choice('=', ':'),

    _assigned_kind: $ => seq($._name, $._k_kind, field('keyword', alias($._word, $.keyword)), optional($._titles), optional($._soup_block)),
    _assigned_scenario: $ => seq($._name, $._k_scenario, field('keyword', alias($._word, $.keyword)), scenarioRest($)),
    _assigned_loop: $ => seq($._name, $._k_loop, field('keyword', alias($._word, $.keyword)), loopRest($)),
    _assigned_deployment: $ => seq($._name, $._k_deployment, field('keyword', alias($._word, $.keyword)), deploymentRest($)),
    _assigned_instance: $ => seq($._name, $._k_instance, field('keyword', alias($._word, $.keyword)), instanceRest($)),
    _assigned_opaque: $ => seq($._name, $._k_opaque, field('keyword', alias($._word, $.keyword)), opaqueRest($)),
    _assigned_element: $ => seq($._name, $._k_element, field('kind', alias($._word, $.kind)), elementRest($)),
    _assigned_list: $ => seq(field('name', alias($._word, $.field_name)), $._separator, $.list),

    element: $ => seq(
      $._m_element,
      field('kind', alias($._word, $.kind)),
      choice(seq(named($), elementRest($)), seq($._titles, elementTail($))),
    ),

    _titles: $ => prec.right(seq(
      field('title', alias($.text, $.title)),
      optional(field('description', alias($.text, $.title))),
    )),

    tag: $ => seq(choice('#', '@'), alias($._word, $.name)),

    annotation: $ => prec.right(seq('@', alias($._word, $.field_name), optional($._soup_round))),

    field: $ => choice(
      seq($._m_field, field('name', alias($._word, $.field_name)), optional($._separator), $._field_value),
      prec.right(seq($._m_flag_field, field('name', alias($._word, $.field_name)), optional(seq($._beside, $.text)))),
    ),

    _field_value: $ => prec.right(choice(
      seq($.text, repeat(seq(',', choice($.text, alias($._word, $.constant))))),
      seq(alias($._word, $.constant), optional($.text)),
      alias($._loose_number, $.number),
      $.list,
      repeat1($.tag),
      '+',
      '-',
    )),

    metadata: $ => seq($._m_metadata, field('keyword', alias($._word, $.keyword)), $._metadata_block),
    _metadata_block: $ => seq(alias($._open_brace, '{'), between($.entry), alias($._close_brace, '}')),
    entry: $ => prec.right(seq(
      $._m_entry,
      field('key', choice(alias($._word, $.field_name), $.text)),
      optional($._separator),
      optional($._entry_value),
    )),
    _entry_value: $ => prec.right(choice(
      seq(optional($._beside), $.text, repeat(seq(',', choice($.text, alias($._word, $.constant))))),
      seq(optional($._beside), choice(
        seq(alias($._word, $.constant), optional($.text)),
        alias($._loose_number, $.number),
        $.list,
        repeat1($.tag),
      )),
      '+',
      '-',
      $._soup_block,
    )),

    slo: $ => seq($._m_slo, field('keyword', alias($._word, $.keyword)), $._objectives),
    _objectives: $ => seq(alias($._open_brace, '{'), between($.objective), alias($._close_brace, '}')),
    objective: $ => seq(
      field('name', alias($._word, $.attribute_name)),
      optional($._separator),
      choice($._objectives, $.text, $.number, $.list, $.call),
    ),

    scale: $ => seq($._m_scale, field('keyword', alias($._word, $.keyword)), $.attributes),

    ranking: $ => seq($._m_ranking, field('keyword', alias($._word, $.keyword)), $._pairs),
    _pairs: $ => seq(alias($._open_brace, '{'), between($.pair), alias($._close_brace, '}')),
    pair: $ => seq(field('name', alias($._word, $.path)), optional($._separator), $.number),

    wrapper: $ => prec.right(seq(
      $._m_wrapper,
      field('keyword', alias($._word, $.keyword)),
      choice(
        seq(
          choice(seq(alias($._word, $.name), optional(alias($.text, $.title))), $._titles),
          optional(seq('follows', alias($._word, $.path))),
          optional($.block),
        ),
        $.block,
      ),
    )),

    // What this tool gives no meaning to: kept as it is.
    opaque: $ => seq($._m_opaque, field('keyword', alias($._word, $.keyword)), opaqueRest($)),

    _soup: $ => choice(
      alias($._word, $.word),
      $.text,
      alias($._loose_number, $.number),
      $._mark,
      $._soup_block,
      $._soup_square,
      $._soup_round,
    ),
    _soup_block: $ => seq(alias($._open_brace, '{'), repeat($._soup), alias($._close_brace, '}')),
    _soup_square: $ => seq(alias($._open_square, '['), repeat($._soup), alias($._close_square, ']')),
    _soup_round: $ => seq(alias($._open_round, '('), repeat($._soup), alias($._close_round, ')')),
    _mark: _ => choice(
      '->', '..', '<=', '>=', '==', '!=', '=', ':', ',', ';', '|', '#', '@', '*', '+', '-', '<', '>',
      /[!$%&.\/?\\^`~]/, new RegExp(`[^\\x00-\\x7F${HIDDEN}]`),
    ),

    // ---- relations

    relation: $ => prec.right(seq(
      $._m_relation,
      $._ends,
      repeat($._relation_mark),
      optional(seq(
        choice($._relation_label, seq($._verb, field('verb', alias($._word, $.verb)))),
        repeat(choice($._relation_mark, $._relation_label)),
      )),
      optional(field('body', alias($._relation_body, $.attributes))),
    )),

    _ends: $ => seq(field('from', $._end), '->', field('to', choice($._end, alias($._end_list, $.list)))),
    _end: $ => choice($.path, $.text),
    path: $ => choice($._word, $._dashed),
    _end_list: $ => seq(alias($._open_square, '['), repeat(seq($._end, optional(','))), alias($._close_square, ']')),

    _relation_label: $ => seq($._beside, choice(
      field('label', alias($.text, $.title)),
      prec.right(seq(':', optional(choice(
        alias($.text, $.title),
        repeat1(seq($._rest, choice(alias($._word, $.word), alias($._loose_number, $.number)))),
      )))),
    )),
    _relation_mark: $ => choice(
      seq($._beside, choice($.list, $.tag)),
      seq(choice('technology', 'tech'), $.text),
      seq('quorum', $.number),
      seq(choice('tags', 'tag'), $._tags),
    ),
    _tags: $ => prec.right(choice($.list, seq($.text, repeat(seq(',', $.text))))),

    _relation_body: $ => seq(
      alias($._open_brace, '{'),
      between(choice($.attribute, $.entry, $.behavior)),
      alias($._close_brace, '}'),
    ),

    // ---- behavior

    behavior: $ => seq($._m_behavior, field('keyword', alias($._word, $.keyword)), optional($._selector), $.attributes),
    _selector: $ => choice(
      seq(choice('kind', 'technology', 'tech', 'tag'), choice(alias($._word, $.kind), $.text)),
      alias(choice('kind', 'technology', 'tech', 'tag'), $.path),
      seq($.path, optional(seq('->', $.path))),
    ),

    attributes: $ => seq(alias($._open_brace, '{'), between($.attribute), alias($._close_brace, '}')),

    attribute: $ => prec.right(choice(
      seq($._a_flag, $._attribute_name, optional(seq($._a_bool, alias($._word, $.constant))), optional($.attributes)),
      seq($._a_block, $._attribute_name, optional(seq($._a_bool, alias($._word, $.constant))), optional($.attributes)),
      seq($._a_value, $._attribute_name, $._attribute_value, optional($.attributes)),
      seq($._a_condition, $._attribute_name, choice($.text, alias('none', $.constant), $._condition), optional($.attributes)),
      seq($._a_phrase, $._attribute_name, $._attribute_value, repeat(seq($._more, $._value)), optional($.attributes)),
      seq($._a_unknown, $._attribute_name, repeat(seq($._rest, $._soup))),
    )),
    _attribute_name: $ => prec.right(seq(field('name', alias($._word, $.attribute_name)), optional($._separator))),
    _attribute_value: $ => choice($._plain_value, seq($._a_word, $._word_value)),

    // ---- values

    _value: $ => choice($._plain_value, $._word_value),
    _plain_value: $ => choice($.number, $.range, $.text, $.list, seq(choice('+', '-'), $.number)),
    _word_value: $ => prec.right(choice(
      alias($._word, $.path),
      $.call,
      seq(alias($._word, $.path), '->', alias($._word, $.path)),
    )),

    range: $ => prec.right(seq(
      $.number,
      choice('..', '...'),
      $.number,
      optional(seq($._spacing, choice('step', 'by', 'steps', 'log'), $.number)),
    )),

    list: $ => seq(
      alias($._open_square, '['),
      repeat(choice($._value, $._comparison_in_list, ',', '#', '@', '*')),
      alias($._close_square, ']'),
    ),
    _comparison_in_list: $ => seq($._comparator, $._value),

    call: $ => prec(1, seq(
      field('function', alias($._word, $.function)),
      alias($._open_round, '('),
      repeat(choice($._value, $._separator, ',')),
      alias($._close_round, ')'),
    )),

    // ---- conditions

    _condition: $ => prec.right(seq($._comparison, repeat(seq($._junction, $._comparison)))),
    _junction: _ => choice('and', 'or', seq('&', '&'), seq('|', '|')),
    _comparison: $ => prec.right(seq(repeat(choice('not', '!')), choice(
      seq($._operand, $._operator, $._operand),
      seq(alias($._open_round, '('), $._condition, alias($._close_round, ')'), optional(seq($._operator, $._operand))),
    ))),
    _operator: $ => choice($._comparator, '='),
    _comparator: _ => choice('<', '<=', '>', '>=', '==', '!=', '≤', '≥', '≠'),
    _operand: $ => choice(
      $.number,
      $.text,
      $.metric,
      seq(alias($._open_round, '('), $._operand, alias($._close_round, ')')),
    ),
    metric: $ => prec.right(seq(
      field('name', alias($._word, $.metric_name)),
      optional(choice(
        seq('->', alias($._word, $.path)),
        seq(
          alias($._open_round, '('),
          repeat(choice($.path, $.text, $.number, '->', ',')),
          alias($._close_round, ')'),
        ),
      )),
    )),

    // ---- scenarios

    scenario: $ => seq(
      $._m_scenario,
      optional('abstract'),
      field('keyword', alias($._word, $.keyword)),
      choice(seq(named($), scenarioRest($)), seq($._titles, scenarioTail($)), seq('extends', '*', scenarioTail($)), field('body', alias($._scenario_block, $.block))),
    ),
    _scenario_block: $ => seq(alias($._open_brace, '{'), between($._statement), alias($._close_brace, '}')),

    _statement: $ => choice(
      $.step,
      $.entry,
      $.steps,
      $.assignment,
      $.expect,
      $.param,
      $.arrivals,
      $.abstract,
      $.group,
      $.traffic,
      $.zip,
      $.sample,
      $.exclude,
      $.versions,
      $.commits,
      $.tiers,
      $.quality,
      $.sync,
      $.checkpoint,
      $.simulate,
      $.behavior,
      $.design,
      $.setting,
      $.chaos,
      alias($._unknown, $.opaque),
    ),

    steps: $ => seq(
      $._s_steps,
      field('keyword', alias($._word, $.keyword)),
      optional($._separator),
      choice(
        seq(alias($._open_square, '['), between($.step), alias($._close_square, ']')),
        seq(alias($._open_brace, '{'), between($.step), alias($._close_brace, '}')),
      ),
    ),

    step: $ => prec.right(seq(
      $._s_step,
      optional(seq(
        'step',
        optional(choice(
          seq(field('name', alias($._word, $.name)), $._separator),
          field('name', alias($._word, $.name)),
        )),
      )),
      $._ends,
      repeat($._step_tail),
      optional(field('body', alias($._step_body, $.attributes))),
    )),
    _step_tail: $ => choice(
      seq($._beside, choice(alias($.text, $.title), $.list, $.tag, seq(':', alias($.text, $.title)))),
      seq('order', choice($.number, $.text)),
      seq('quorum', $.number),
      $.compensate,
      $.attribute,
    ),
    compensate: $ => prec.right(seq(
      optional($._m_compensate),
      'compensate',
      optional(seq($._c_target, $.path, optional(seq('->', $._end)))),
      optional(seq($._beside, alias($.text, $.title))),
    )),
    _step_body: $ => seq(
      alias($._open_brace, '{'),
      between(choice($.attribute, $.entry, $.compensate)),
      alias($._close_brace, '}'),
    ),

    target: $ => prec.right(seq($.path, optional(seq('->', $.path)))),

    assignment: $ => prec.right(seq($._s_assign, $.target, optional($._separator), $._assigned_value)),
    _assigned_value: $ => prec.right(seq(
      choice(
        $._values,
        $.attributes,
        seq($._plain_value, optional(seq($._comparator, $._value))),
        seq($._word_value, optional(choice($._values, seq($._comparator, $._value))), repeat(seq($._more, $._value))),
        seq('after', $._value),
      ),
      optional($.attributes),
    )),
    _values: $ => seq(
      alias($._open_values, '{'),
      repeat(choice($._value, ',', ';', $._separator)),
      alias($._close_brace, '}'),
    ),

    setting: $ => prec.right(choice(
      seq($._s_setting, 'preempt', optional($._separator)),
      seq($._s_setting, field('name', alias($._word, $.setting_name)), optional($._separator), $._value),
    )),

    param: $ => prec.right(seq(
      $._s_param,
      field('keyword', alias($._word, $.keyword)),
      field('name', alias($._word, $.name)),
      optional(choice(seq($._separator, $._assigned_value), seq($._beside, $._plain_value))),
    )),

    arrivals: $ => prec.right(seq(
      $._s_arrivals,
      field('keyword', alias($._word, $.keyword)),
      optional($._separator),
      $._value,
      repeat(seq(choice($._more, $._separator), $._value)),
    )),

    abstract: $ => seq($._s_abstract, alias($._word, $.keyword)),
    group: $ => seq($._s_group, field('keyword', alias($._word, $.keyword)), optional($._separator), alias($.text, $.title)),
    traffic: $ => seq($._s_traffic, field('keyword', alias($._word, $.keyword)), optional($._separator), $._pairs),
    zip: $ => seq(
      $._s_zip,
      field('keyword', alias($._word, $.keyword)),
      alias($._open_brace, '{'),
      between($.assignment),
      alias($._close_brace, '}'),
    ),
    sample: $ => prec.right(seq(
      $._s_sample,
      field('keyword', alias($._word, $.keyword)),
      optional($._separator),
      $.number,
      optional(choice('latin', 'sobol')),
    )),
    exclude: $ => seq($._s_exclude, field('keyword', alias($._word, $.keyword)), optional('when'), $._condition),
    versions: $ => prec.right(seq(
      $._s_versions,
      field('keyword', alias($._word, $.keyword)),
      optional($._separator),
      choice($.list, seq($._version_name, repeat(seq(',', $._version_name)))),
    )),
    _version_name: $ => choice(alias($._word, $.path), $.text),
    commits: $ => seq(
      $._s_commits,
      field('keyword', alias($._word, $.keyword)),
      repeat1(seq($._rest, $._soup)),
    ),
    tiers: $ => prec.right(seq(
      $._s_tiers,
      field('keyword', alias($._word, $.keyword)),
      optional($._separator),
      choice($._pairs, seq($.pair, repeat(choice(seq(',', $.pair), seq($._more, $.pair))))),
      optional(seq('strategy', alias($._word, $.constant))),
    )),
    quality: $ => seq(
      $._s_quality,
      field('keyword', alias($._word, $.keyword)),
      alias($._open_brace, '{'),
      between(seq($._condition, optional(seq('weight', optional($._separator), $.number)))),
      alias($._close_brace, '}'),
    ),
    sync: $ => prec.right(seq(
      $._s_sync,
      field('keyword', alias($._word, $.keyword)),
      optional($._separator),
      alias($._word, $.constant),
      optional($.list),
      optional(seq('timeout', $.number)),
    )),
    checkpoint: $ => prec.right(seq(
      $._s_checkpoint,
      field('keyword', alias($._word, $.keyword)),
      optional('every'),
      $.number,
      optional(seq('keep', $.number)),
    )),
    simulate: $ => seq(
      $._s_simulate,
      field('keyword', alias($._word, $.keyword)),
      optional('with'),
      optional('exec'),
      $.text,
    ),
    _unknown: $ => seq($._s_unknown, alias($._word, $.word), repeat(seq($._rest, $._soup))),

    expect: $ => prec.right(seq(
      $._s_expect,
      field('keyword', alias($._word, $.keyword)),
      optional($._separator),
      optional($._window),
      $._condition,
      repeat(choice($._window, seq(choice('as', 'severity'), alias($._word, $.constant)))),
    )),
    _window: $ => choice(
      seq(choice('during', 'after'), 'chaos'),
      'always',
      prec.right(seq('eventually', optional('within'), $._value)),
      seq('from', $._value, optional('to'), $._value),
    ),

    // `start: 10s end: 60s multiplier: 3x` of design documents.
    design: $ => seq($._s_design, $._design_part, repeat(seq($._more, $._design_part))),
    _design_part: $ => prec.right(seq(alias($._word, $.setting_name), optional($._separator), $._value)),

    // ---- chaos

    chaos: $ => prec.right(seq(
      $._s_chaos,
      repeat($._leading),
      choice(
        seq($._c_verb, field('verb', alias($._word, $.verb)), repeat($._part), $._hit, repeat(choice($._part, $._further))),
        seq($._c_free_verb, field('verb', alias($._word, $.verb)), repeat($._part), optional(seq($._hit, repeat(choice($._part, $._further))))),
        seq($._c_bad_verb, alias($._word, $.word), repeat(seq($._rest, $._soup))),
      ),
    )),

    _leading: $ => choice(
      $._modifier,
      seq($._c_flag, alias($._word, $.keyword), optional('a')),
      $.list,
    ),

    _modifier: $ => prec.right(choice(
      seq($._c_moment, alias($._word, $.keyword), optional($._separator), choice($._value, seq('t', $._separator, $._value))),
      seq($._c_when, alias($._word, $.keyword), $._condition, optional(seq('every', 'time'))),
      seq('every', 'time'),
      seq($._c_random, alias($._word, $.keyword), repeat1(seq(choice('mttf', 'mttr'), $._value))),
      seq($._c_any, alias($._word, $.keyword), $._value, optional('of')),
    )),

    _part: $ => choice(
      $._modifier,
      seq($._c_flag, alias($._word, $.keyword)),
      seq($._c_amount, alias($._word, $.keyword), $._value),
      seq($._c_attribute, alias($._word, $.path)),
      $.number,
      $.range,
      $.text,
      seq(choice('+', '-'), $.number),
      choice('of', 'on', 'from', 'between', 'in', 'and'),
      seq('one', 'of'),
      choice('replica', 'replicas', 'instance', 'instances', 'pod', 'pods'),
      ',',
    ),

    // What is hit: an element, a relation, an attribute, or several.
    _hit: $ => choice(seq($._c_target, $._hit_target), $.list),
    _hit_target: $ => prec.right(seq(
      alias($._word, $.path),
      optional(alias($._string_of_zone, $.text)),
    )),
    _string_of_zone: $ => $.text,

    _further: $ => prec.right(choice(
      seq('->', $._side),
      seq('|', $._side),
      seq($._separator, $._assigned_value),
      $.list,
      $.attributes,
    )),
    _side: $ => choice($._hit, seq('one', 'of', $._hit)),

    // ---- versions

    version: $ => seq(
      $._m_version,
      field('keyword', alias($._word, $.keyword)),
      field('name', alias($._word, $.name)),
      optional(field('title', alias($.text, $.title))),
      choice(
        seq('from', 'git', $.text, $.text),
        seq('from', $.text),
        seq('extends', $.path, optional($.overlay)),
        $.overlay,
      ),
    ),
    overlay: $ => seq(
      alias($._open_brace, '{'),
      between(choice($._item, $.assignment, $.remove)),
      alias($._close_brace, '}'),
    ),
    remove: $ => seq($._m_remove, alias($._word, $.keyword), $.target),

    // ---- search

    search: $ => seq(
      $._m_search,
      field('keyword', alias($._word, $.keyword)),
      field('name', alias($._word, $.name)),
      optional(alias($.text, $.title)),
      optional(seq('of', $.path)),
      alias($._open_brace, '{'),
      repeat($._search_part),
      alias($._close_brace, '}'),
    ),
    _search_part: $ => prec.right(choice(
      seq('over', $._over, repeat(seq(',', $._over))),
      seq(choice('maximize', 'minimize'), choice($._condition, $.metric)),
      seq('subject', optional('to'), $._condition, repeat(seq(',', $._condition))),
      seq('budget', optional($._separator), $.number),
      ',',
      ';',
    )),
    _over: $ => prec.right(seq($.target, optional($._separator), $._value)),

    // ---- deployments

    deployment: $ => prec.right(seq(
      $._m_deployment,
      field('keyword', alias($._word, $.keyword)),
      choice(seq(named($), deploymentRest($)), seq($._titles, deploymentTail($))),
    )),
    _deployment_block: $ => seq(
      alias($._open_brace, '{'),
      between(choice($.deployment, $.instance, $.relation, $.opaque, $._assignment)),
      alias($._close_brace, '}'),
    ),
    instance: $ => seq($._m_instance, field('keyword', alias($._word, $.keyword)), instanceRest($)),

    // ---- loops

    loop: $ => seq($._m_loop, field('keyword', alias($._word, $.keyword)), loopRest($)),
    _loop_head: $ => choice(alias($._word, $.name), alias($.text, $.title), $.tag, alias($._loose_number, $.number)),
    _loop_block: $ => seq(
      alias($._open_brace, '{'),
      between(choice($.edge, $.entry)),
      alias($._close_brace, '}'),
    ),
    edge: $ => prec.right(seq($._m_edge, $._ends, repeat(seq($._rest, $._soup)), optional($._soup_block))),
  },
});
