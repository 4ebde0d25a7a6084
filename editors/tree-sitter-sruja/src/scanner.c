// What only a look ahead can tell: which statement a word begins, whether a word goes on with the statement before it,
// and where a block ends.
//
// In this language newlines rarely matter, every keyword may be a name, and what a word means depends on what stands
// behind it. A context-free grammar alone would have to guess. So this scanner looks a few tokens ahead, as
// `src/syntax/build` does, and puts an empty token (a marker) before each statement. It knows where it is from the stack of
// open brackets, which it keeps; the words are those of `keywords.h`, which is generated from the schema.

#include "tree_sitter/alloc.h"
#include "tree_sitter/parser.h"
#include "keywords.h"

#include <string.h>

enum Token {
  TEXT,
  NUMBER,
  LOOSE_NUMBER,
  DASHED,
  OPEN_BRACE,
  OPEN_VALUES,
  CLOSE_BRACE,
  OPEN_SQUARE,
  CLOSE_SQUARE,
  OPEN_ROUND,
  CLOSE_ROUND,
  // Statements of files, wrappers and elements.
  M_RELATION,
  M_ASSIGNMENT,
  M_IMPORT,
  M_SLO,
  M_SCALE,
  M_METADATA,
  M_RANKING,
  M_BEHAVIOR,
  M_WRAPPER,
  M_SCENARIO,
  M_VERSION,
  M_SEARCH,
  M_DEPLOYMENT,
  M_LOOP,
  M_FIELD,
  M_FLAG_FIELD,
  M_ELEMENT,
  M_OPAQUE,
  M_INSTANCE,
  M_EDGE,
  M_ENTRY,
  M_REMOVE,
  M_COMPENSATE,
  // Behind `X =`.
  K_KIND,
  K_SCENARIO,
  K_LOOP,
  K_DEPLOYMENT,
  K_INSTANCE,
  K_OPAQUE,
  K_ELEMENT,
  // Attributes.
  A_FLAG,
  A_BLOCK,
  A_VALUE,
  A_CONDITION,
  A_PHRASE,
  A_UNKNOWN,
  A_BOOL,
  A_WORD,
  // More of the statement.
  BESIDE,
  VERB,
  MORE,
  REST,
  SPACING,
  // Statements of scenarios.
  S_STEP,
  S_STEPS,
  S_ASSIGN,
  S_EXPECT,
  S_PARAM,
  S_ARRIVALS,
  S_ABSTRACT,
  S_GROUP,
  S_TRAFFIC,
  S_ZIP,
  S_SAMPLE,
  S_EXCLUDE,
  S_VERSIONS,
  S_COMMITS,
  S_TIERS,
  S_QUALITY,
  S_SYNC,
  S_CHECKPOINT,
  S_SIMULATE,
  S_DESIGN,
  S_SETTING,
  S_CHAOS,
  S_UNKNOWN,
  // Parts of a chaos event.
  C_MOMENT,
  C_WHEN,
  C_RANDOM,
  C_FLAG,
  C_ANY,
  C_VERB,
  C_FREE_VERB,
  C_BAD_VERB,
  C_AMOUNT,
  C_TARGET,
  C_ATTRIBUTE,
  ERROR_SENTINEL,
};

// Where a statement stands.
enum Place {
  IN_ITEMS,
  IN_ATTRIBUTES,
  IN_RELATION_BODY,
  IN_STEP_BODY,
  IN_SCENARIO,
  IN_STEPS,
  IN_OVERLAY,
  IN_ZIP,
  IN_QUALITY,
  IN_DEPLOYMENT,
  IN_LOOP,
  IN_METADATA,
  // Nothing but words, texts, numbers and marks: no statement begins here.
  IN_PLAIN,
};

enum { MAX_DEPTH = 128, MAX_WORD = 47, MAX_IDLE = 32, MAX_TRIES = 4, NOWHERE = 0xFFFF };

typedef struct {
  uint8_t place;
  // The statement that is being read there.
  uint8_t statement;
  char bracket;
} Level;

typedef struct {
  uint16_t depth;
  // What cannot go on at a place must not try for ever: how many markers stand side by side without a blank; of very many,
  // where in its line the last one stands, and how often one was tried there.
  uint8_t idle;
  uint8_t tries;
  uint16_t column;
  Level levels[MAX_DEPTH + 1];
} Scanner;

static Level *top(Scanner *scanner) { return &scanner->levels[scanner->depth]; }

// ---- characters

static bool is_digit(int32_t c) { return c >= '0' && c <= '9'; }
static bool is_letter(int32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Signs, punctuation and pictures are no letters; everything else beyond ASCII is taken for one. The lexer's own rule
// for words has the exact tables of Unicode: here it is only asked whether a statement may begin.
static bool is_foreign_letter(int32_t c) {
  if (c < 0xAA) return false;
  if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xB7 || c == 0xBA;
  if (c == 0xD7 || c == 0xF7) return false;
  if (c >= 0x2000 && c <= 0x2BFF) return c == 0x203F || c == 0x2040 || (c >= 0x2070 && c <= 0x209C) || (c >= 0x2102 && c <= 0x2188);
  if (c >= 0x3000 && c <= 0x3004) return false;
  if (c >= 0x3008 && c <= 0x3020) return false;
  return c != 0xFEFF && c != 0x061C && c != 0xFFFD && !(c >= 0xE000 && c <= 0xF8FF) && c < 0x1F000;
}

static bool starts_word(int32_t c) { return is_letter(c) || c == '_' || (is_foreign_letter(c) && c != 0xB7); }
static bool continues_word(int32_t c) { return is_letter(c) || is_digit(c) || c == '_' || is_foreign_letter(c); }

static bool is_hidden(int32_t c) {
  return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || (c >= 0x200E && c <= 0x200F) || c == 0x200B ||
         c == 0x061C || c == 0x2060 || c == 0xFEFF || (c < 0x20 && c != '\n' && c != '\t' && c != '\r') ||
         (c >= 0x7F && c <= 0x9F);
}

static bool is_blank(int32_t c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

// ---- looking ahead

enum Kind { T_END, T_WORD, T_TEXT, T_NUMBER, T_ARROW, T_EQUALS, T_COLON, T_COMPARISON, T_RANGE, T_OPEN, T_CLOSE, T_PIPE, T_COMMA, T_HASH, T_OTHER };

typedef struct {
  enum Kind kind;
  bool first;  // on its line
  bool dotted;
  bool dashed;  // ends with a dash, or has two side by side
  char sign;
  char word[MAX_WORD + 1];
} Ahead;

enum { AHEAD = 6 };

typedef struct {
  TSLexer *lexer;
  int32_t held[4];  // read ahead by a character and not used
  unsigned holds;
  unsigned count;
  bool line;   // a line ended before what is here
  bool takes;  // the word here is the token itself
  Ahead tokens[AHEAD];
} Look;

static int32_t here(Look *look) { return look->holds ? look->held[look->holds - 1] : look->lexer->lookahead; }
static bool at_end(Look *look) { return !look->holds && look->lexer->eof(look->lexer); }
static void step(Look *look) {
  if (look->holds) {
    look->holds--;
  } else {
    look->lexer->advance(look->lexer, false);
  }
}
static void hold(Look *look, int32_t c) { look->held[look->holds++] = c; }

// Blanks and comments; whether a line ended among them.
static bool gap(Look *look) {
  bool line = false;
  while (!at_end(look)) {
    int32_t c = here(look);
    if (is_blank(c)) {
      line |= c == '\n';
      step(look);
    } else if (c == '/') {
      step(look);
      if (here(look) == '/') {
        while (!at_end(look) && here(look) != '\n') step(look);
      } else if (here(look) == '*') {
        step(look);
        int32_t before = 0;
        while (!at_end(look) && !(before == '*' && here(look) == '/')) {
          before = here(look);
          line |= before == '\n';
          step(look);
        }
        step(look);
      } else {
        hold(look, '/');
        return line;
      }
    } else {
      return line;
    }
  }
  return line;
}

static void read_word(Look *look, Ahead *token) {
  unsigned length = 0;
  for (;;) {
    int32_t c = here(look);
    if (c == '-' || c == '.') {
      step(look);
      bool more = continues_word(here(look));
      if (!more && (c == '.' || here(look) == '>')) {
        hold(look, c);
        break;
      }
      token->dotted |= c == '.';
      token->dashed |= !more;
    } else if (!continues_word(c)) {
      break;
    } else {
      step(look);
    }
    if (look->takes) look->lexer->mark_end(look->lexer);
    // A longer word is in no list.
    if (length < MAX_WORD) token->word[length++] = c < 0x80 ? (char)c : '?';
  }
  token->word[length] = 0;
}

static void read_number(Look *look) {
  step(look);
  for (;;) {
    int32_t c = here(look);
    if (c == '.') {
      step(look);
      if (is_digit(here(look))) continue;
      hold(look, '.');
      return;
    }
    if (!continues_word(c) && c != '%' && c != '/' && c != 0xD7) return;
    step(look);
  }
}

static void read_text(Look *look, int32_t quote) {
  step(look);
  if (here(look) == quote) {
    step(look);
    if (quote != '"' || here(look) != '"') return;
    step(look);
    unsigned quotes = 0;
    while (!at_end(look) && quotes < 3) {
      quotes = here(look) == '"' ? quotes + 1 : 0;
      step(look);
    }
    return;
  }
  while (!at_end(look) && here(look) != quote) {
    if (here(look) == '\\') step(look);
    step(look);
  }
  step(look);
}

static void read_token(Look *look, Ahead *token) {
  memset(token, 0, sizeof *token);
  token->first = gap(look) || (look->line && look->count == 1);
  if (at_end(look)) return;
  int32_t c = here(look);
  token->sign = c < 0x80 ? (char)c : 0;
  if (starts_word(c)) {
    token->kind = T_WORD;
    read_word(look, token);
    return;
  }
  if (is_digit(c)) {
    token->kind = T_NUMBER;
    read_number(look);
    return;
  }
  if (c == '"' || c == '\'') {
    token->kind = T_TEXT;
    read_text(look, c);
    return;
  }
  step(look);
  token->kind = T_OTHER;
  switch (c) {
    case '{': case '[': case '(': token->kind = T_OPEN; break;
    case '}': case ']': case ')': token->kind = T_CLOSE; break;
    case ':': token->kind = here(look) == '=' ? T_OTHER : T_COLON; break;
    case '|': token->kind = T_PIPE; break;
    case ',': token->kind = T_COMMA; break;
    case '#': case '@': token->kind = T_HASH; break;
    case '<': case '>': token->kind = here(look) == '-' ? T_OTHER : T_COMPARISON; break;
    case '=':
      token->kind = here(look) == '=' ? T_COMPARISON : here(look) == '>' ? T_OTHER : T_EQUALS;
      break;
    case '.':
      if (here(look) == '.') {
        step(look);
        token->kind = T_RANGE;
      }
      break;
    case '+': case '-':
      if (c == '-' && here(look) == '>') {
        step(look);
        token->kind = T_ARROW;
      } else if (is_digit(here(look))) {
        token->kind = T_NUMBER;
        read_number(look);
      }
      break;
    default: break;
  }
}

// The token `n` behind the one here.
static Ahead *ahead(Look *look, unsigned n) {
  while (look->count <= n) read_token(look, &look->tokens[look->count++]);
  return &look->tokens[n];
}

static enum Kind kind_of(Look *look, unsigned n) { return ahead(look, n)->kind; }
static const char *word_of(Look *look, unsigned n) { return kind_of(look, n) == T_WORD ? ahead(look, n)->word : ""; }
static bool beside(Look *look, unsigned n) { return kind_of(look, n) != T_END && !ahead(look, n)->first; }
static bool is_separator(Look *look, unsigned n) { return kind_of(look, n) == T_EQUALS || kind_of(look, n) == T_COLON; }
static bool is_sign(Look *look, unsigned n, char sign) { return kind_of(look, n) != T_WORD && ahead(look, n)->sign == sign; }
static bool is(const char *a, const char *b) { return strcmp(a, b) == 0; }

static bool among(const char *word, const char *const *list, unsigned count) {
  unsigned low = 0, high = count;
  while (low < high) {
    unsigned middle = (low + high) / 2;
    int order = strcmp(word, list[middle]);
    if (order == 0) return true;
    if (order < 0) high = middle; else low = middle + 1;
  }
  return false;
}
#define AMONG(word, list) among(word, list, sizeof(list) / sizeof(*(list)))

static char attribute(const char *word) {
  for (unsigned i = 0; i < sizeof(ATTRIBUTES) / sizeof(*ATTRIBUTES); i++) {
    if (is(word, ATTRIBUTES[i].name)) return ATTRIBUTES[i].takes;
  }
  return 0;
}

static bool is_verb(const char *word) { return AMONG(word, VERBS); }
static bool is_setting(const char *word) {
  return AMONG(word, SETTINGS) || is(word, "users") || is(word, "think") || is(word, "preempt");
}
// Words that begin a statement of a scenario.
static bool is_name(const char *word) {
  return AMONG(word, STATEMENTS) || AMONG(word, KNOBS) || AMONG(word, SETTINGS) || is_verb(word);
}

// ---- statements of files and elements

static bool is_element_kind(const char *word) { return AMONG(word, KINDS) || is(word, "variable"); }
static bool is_wrapper(const char *word) {
  return is(word, "architecture") || is(word, "model") || is(word, "library") || is(word, "extend");
}
static bool is_soup_wrapper(const char *word) { return is(word, "views") || is(word, "specification"); }
static bool is_flow(const char *word) { return is(word, "scenario") || is(word, "story") || is(word, "flow"); }
static bool is_loop(const char *word) { return is(word, "feedback") || is(word, "causal_loop"); }
static bool is_tags(const char *word) { return is(word, "tags") || is(word, "tag") || is(word, "aliases"); }

static bool starts_field(Look *look) {
  const char *word = word_of(look, 0);
  if (!AMONG(word, FIELDS)) return false;
  if (kind_of(look, 1) == T_EQUALS && kind_of(look, 2) == T_WORD) return false;
  unsigned at = 1 + is_separator(look, 1);
  enum Kind after = kind_of(look, at);
  if (is(word, "external")) {
    return kind_of(look, 1) != T_WORD || !beside(look, 1) || AMONG(word_of(look, 1), FIELDS);
  }
  if (is_tags(word)) return after == T_TEXT || after == T_HASH || is_sign(look, at, '[');
  if (is(word, "criticality") || is(word, "loop_type") || is(word, "priority") || is(word, "polarity") ||
      is(word, "status") || is(word, "type")) {
    bool value = after == T_TEXT || after == T_WORD || after == T_NUMBER || is_sign(look, at, '+') || is_sign(look, at, '-');
    return value && !is_sign(look, 2, '{');
  }
  if (is(word, "source")) return after == T_TEXT || (after == T_WORD && kind_of(look, 2) == T_TEXT);
  if (is(word, "version")) return after == T_TEXT || after == T_NUMBER;
  return after == T_TEXT || (is_separator(look, 1) && (after == T_WORD || after == T_NUMBER));
}

static bool starts_search(Look *look) {
  const char *own = word_of(look, 3);
  bool words = is(own, "over") || is(own, "maximize") || is(own, "minimize") || is(own, "budget") || is(own, "subject");
  return is(word_of(look, 0), "tune") || is(word_of(look, 2), "of") || (is_sign(look, 2, '{') && words);
}

static int item(Look *look) {
  const char *word = word_of(look, 0);
  if (kind_of(look, 1) == T_ARROW) return M_RELATION;
  if (is_separator(look, 1) && !starts_field(look)) return M_ASSIGNMENT;
  bool block = is_sign(look, 1, '{');
  if (is(word, "import") && (block || kind_of(look, 1) == T_TEXT)) return M_IMPORT;
  if (block) {
    if (is(word, "slo")) return M_SLO;
    if (is(word, "scale")) return M_SCALE;
    if (is(word, "metadata") || is(word, "properties")) return M_METADATA;
    if (is(word, "ranking")) return M_RANKING;
    if (is(word, "behavior")) return M_BEHAVIOR;
    if (is_wrapper(word) && !is(word, "extend")) return M_WRAPPER;
    if (is_soup_wrapper(word)) return M_OPAQUE;
    if (is_flow(word)) return M_SCENARIO;
  }
  if (starts_field(look)) return is(word, "external") ? M_FLAG_FIELD : M_FIELD;
  bool reachable = beside(look, 1) || !(kind_of(look, 2) == T_ARROW || is_separator(look, 2));
  bool name = kind_of(look, 1) == T_WORD && reachable;
  bool title = kind_of(look, 1) == T_TEXT && reachable;
  if (name || title) {
    if (is(word, "behavior")) return M_BEHAVIOR;
    if (is_flow(word)) return M_SCENARIO;
    if (is(word, "abstract") && is(word_of(look, 1), "scenario")) return M_SCENARIO;
    if (is(word, "version") && name) return M_VERSION;
    if ((is(word, "tune") || is(word, "search")) && starts_search(look)) return M_SEARCH;
    if (is(word, "deployment") || is(word, "deploymentNode") || is(word, "node") || is(word, "zone") || is(word, "region"))
      return M_DEPLOYMENT;
    if (is_loop(word)) return M_LOOP;
    if (is_wrapper(word)) return M_WRAPPER;
    if (is_soup_wrapper(word) || AMONG(word, IGNORED)) return M_OPAQUE;
    if (is_element_kind(word)) return M_ELEMENT;
    return M_OPAQUE;
  }
  if (block) return AMONG(word, FIELDS) && !AMONG(word, IGNORED) ? M_OPAQUE : M_OPAQUE;
  if (AMONG(word, FIELDS)) return -1;
  bool plain = kind_of(look, 1) == T_WORD || kind_of(look, 1) == T_TEXT || kind_of(look, 1) == T_NUMBER || kind_of(look, 1) == T_OPEN;
  return beside(look, 1) && plain ? M_OPAQUE : -1;
}

// What stands behind `X =`.
static int assigned(Look *look) {
  const char *word = word_of(look, 0);
  if (ahead(look, 0)->dotted) return -1;
  if (ahead(look, 0)->first && (is_separator(look, 1) || kind_of(look, 1) == T_ARROW)) return -1;
  if (is(word, "kind") || is(word, "tag")) return K_KIND;
  if (is_flow(word)) return K_SCENARIO;
  if (is_loop(word)) return K_LOOP;
  if (is(word, "deployment") || is(word, "deploymentNode") || is(word, "node")) return K_DEPLOYMENT;
  if (AMONG(word, IGNORED)) return K_OPAQUE;
  return K_ELEMENT;
}

// ---- attributes

static int attribute_statement(Look *look) {
  switch (attribute(word_of(look, 0))) {
    case 'f': return A_FLAG;
    case 'b': return A_BLOCK;
    case 'c': return A_CONDITION;
    case 'p': return A_PHRASE;
    case 'v': return A_VALUE;
    default: return A_UNKNOWN;
  }
}

static bool is_prose(const char *word) {
  static const char *const WORDS[] = {
    "delay", "desc", "description", "effect", "interaction", "label", "metadata", "polarity", "properties", "protocol",
    "slo", "style", "styles", "tag", "tags", "tech", "technology", "title", "url",
  };
  return AMONG(word, WORDS);
}

static bool is_step_prose(Look *look) {
  const char *word = word_of(look, 0);
  if (is(word, "order") || is(word, "quorum")) return kind_of(look, 1) == T_NUMBER;
  return is(word, "description") || is(word, "label") || is(word, "title") || is(word, "name") || is(word, "tags") || is(word, "tag");
}

// ---- statements of scenarios

static bool is_odd(Look *look, unsigned n) {
  char sign = ahead(look, n)->sign;
  return kind_of(look, n) == T_OTHER && (sign == '<' || sign == '=' || sign == ':');
}

static bool is_assignment(Look *look) {
  if (kind_of(look, 2) != T_WORD) return false;
  switch (kind_of(look, 3)) {
    case T_EQUALS: return true;
    case T_COLON: return kind_of(look, 4) == T_NUMBER || is_sign(look, 4, '[');
    case T_NUMBER: return beside(look, 3) && ahead(look, 2)->dotted;
    default: return false;
  }
}

static bool starts_step(Look *look) {
  if (is(word_of(look, 0), "step") && !is_separator(look, 1) && kind_of(look, 1) != T_ARROW) {
    return kind_of(look, 1) == T_WORD || kind_of(look, 1) == T_TEXT;
  }
  return kind_of(look, 1) == T_ARROW && !is_assignment(look);
}

static bool is_design_amount(const char *word) {
  return is(word, "latency") || is(word, "availability") || is(word, "errors") || is(word, "error_rate") || is(word, "failure_rate");
}

static bool is_design(Look *look) {
  const char *word = word_of(look, 0);
  unsigned at = 1 + is_separator(look, 1);
  if ((is(word, "component") || is(word, "target")) && kind_of(look, at) == T_WORD) {
    return is_design_amount(word_of(look, at + 1)) && beside(look, at + 1);
  }
  return (is(word, "start") || is(word, "multiplier")) && kind_of(look, at) == T_NUMBER;
}

static bool starts_chaos(Look *look) {
  const char *word = word_of(look, 0);
  enum Kind next = kind_of(look, 1);
  if (AMONG(word, MOMENTS)) return next == T_WORD || next == T_NUMBER || next == T_OPEN || next == T_TEXT;
  if (is(word, "partial") && is_verb(word_of(look, 1))) return true;
  bool other = AMONG(word, KNOBS) && !(next == T_WORD && beside(look, 1));
  return is_verb(word) && !other;
}

static bool value_follows(Look *look) {
  enum Kind next = kind_of(look, 1);
  if (!beside(look, 1)) return false;
  if (next == T_NUMBER || is_sign(look, 1, '[')) return true;
  return next == T_WORD && (is_sign(look, 2, '(') || kind_of(look, 2) == T_END || !beside(look, 2) || kind_of(look, 2) == T_CLOSE);
}

static int scenario_statement(Look *look) {
  static const struct { const char *word; int token; } STARTS[] = {
    {"expect", S_EXPECT}, {"assert", S_EXPECT}, {"param", S_PARAM}, {"arrivals", S_ARRIVALS}, {"abstract", S_ABSTRACT},
    {"traffic", S_TRAFFIC}, {"zip", S_ZIP}, {"sample", S_SAMPLE}, {"exclude", S_EXCLUDE}, {"versions", S_VERSIONS},
    {"commits", S_COMMITS}, {"tiers", S_TIERS}, {"quality", S_QUALITY}, {"sync", S_SYNC}, {"checkpoint", S_CHECKPOINT},
    {"simulate", S_SIMULATE}, {"behavior", M_BEHAVIOR},
  };
  const char *word = word_of(look, 0);
  bool separated = is_separator(look, 1);
  unsigned at = 1 + separated;
  // Arrows and signs of other languages: `A <- B`, `load := 5`.
  if (is_odd(look, 1)) return -1;
  if (starts_step(look)) return S_STEP;
  if ((is(word, "title") || is(word, "description")) && kind_of(look, at) == T_TEXT) return M_ENTRY;
  if (is(word, "steps") && (is_sign(look, at, '[') || is_sign(look, at, '{'))) return S_STEPS;
  if ((is(word, "tags") || is(word, "tag") || is(word, "metadata")) && (kind_of(look, at) == T_TEXT || kind_of(look, at) == T_OPEN))
    return M_ENTRY;
  bool group = is(word, "group") && kind_of(look, at) == T_TEXT;
  bool own = is(word, "arrivals") || is(word, "traffic") || group || is_design(look) || is_setting(word);
  if (kind_of(look, 1) == T_ARROW || (separated && !own)) return S_ASSIGN;
  for (unsigned i = 0; i < sizeof(STARTS) / sizeof(*STARTS); i++) {
    if (is(word, STARTS[i].word)) return STARTS[i].token;
  }
  if (group) return S_GROUP;
  if (is_design(look)) return S_DESIGN;
  if (is_setting(word)) return S_SETTING;
  if (starts_chaos(look)) return S_CHAOS;
  return AMONG(word, KNOBS) || value_follows(look) || ahead(look, 0)->dotted ? S_ASSIGN : S_UNKNOWN;
}

// `step 10`, `steps 5`, `log 5` behind a range.
static bool is_spacing(Look *look) {
  const char *word = word_of(look, 0);
  return kind_of(look, 1) == T_NUMBER && (is(word, "step") || is(word, "by") || is(word, "steps") || is(word, "log"));
}

// ---- parts of a chaos event

static bool is_amount(Look *look, unsigned n) {
  if (kind_of(look, n) == T_NUMBER || is_sign(look, n, '+')) return true;
  if (is_sign(look, n, '[')) return kind_of(look, n + 1) == T_NUMBER || is_sign(look, n + 1, '+');
  if (kind_of(look, n) != T_WORD) return false;
  static const char *const MODIFIERS[] = {"and", "at", "during", "every", "for", "of", "ramp", "random", "when"};
  const char *word = word_of(look, n);
  bool on = kind_of(look, n + 1) == T_ARROW || is_separator(look, n + 1) || kind_of(look, n + 1) == T_PIPE;
  bool named = is_name(word) || AMONG(word, MANNERS) || AMONG(word, AMOUNTS);
  return beside(look, n) && !ahead(look, n)->dotted && !AMONG(word, MODIFIERS) && !on && !named;
}

// A part of the event: a marker, 0 for words of the grammar itself, -1 for what is none.
static int chaos_part(Look *look, const bool *valid, bool of_attribute) {
  const char *word = word_of(look, 0);
  bool first = ahead(look, 0)->first, leading = valid[C_VERB];
  bool fresh = leading || !first;
  if (is(word, "and") || is(word, "or")) return first ? -1 : 0;
  if (leading && (is(word, "introduce") || is(word, "inject"))) return C_FLAG;
  if (is(word, "when") && fresh) return C_WHEN;
  if ((is(word, "at") || is(word, "after")) && fresh && !is(word_of(look, 1), "chaos")) return C_MOMENT;
  if (is(word, "every") && fresh && is(word_of(look, 1), "time")) return 0;
  if (is(word, "every") && fresh && kind_of(look, 1) != T_WORD) return C_MOMENT;
  if (is(word, "for") || is(word, "during") || is(word, "ramp")) return C_MOMENT;
  if (is(word, "random")) return C_RANDOM;
  if (is(word, "any") && (kind_of(look, 1) == T_NUMBER || is_sign(look, 1, '[') || is(word_of(look, 2), "of"))) return C_ANY;
  if (leading) {
    if (AMONG(word, MANNERS)) return C_FLAG;
    if (!is_verb(word)) return C_BAD_VERB;
    return AMONG(word, FREE_VERBS) ? C_FREE_VERB : C_VERB;
  }
  if (AMONG(word, AMOUNTS) && !is(word, "load") && (!first || !is_separator(look, 1))) {
    return is(word, "by") || is(word, "to") || is_amount(look, 1) ? C_AMOUNT : -1;
  }
  if (first && !valid[C_TARGET]) return -1;
  if (AMONG(word, MANNERS) && !is_separator(look, 1)) return C_FLAG;
  if (is(word, "one") && is(word_of(look, 1), "of")) return 0;
  if (AMONG(word, REPLICAS) && is(word_of(look, 1), "of")) return 0;
  if (AMONG(word_of(look, 1), REPLICAS) && is(word_of(look, 2), "of")) return C_ATTRIBUTE;
  if ((is(word, "of") || is(word, "on") || is(word, "from") || is(word, "between") || is(word, "in")) && !first) return 0;
  static const char *const NEXT[] = {"duration", "expect", "param", "seed", "warmup"};
  if (valid[C_TARGET]) {
    if (first && (is_verb(word) || AMONG(word, MOMENTS) || AMONG(word, NEXT))) return -1;
    return C_TARGET;
  }
  bool other = is_verb(word) || AMONG(word, MOMENTS) || AMONG(word, NEXT) || (!of_attribute && is_name(word));
  return valid[C_ATTRIBUTE] && kind_of(look, 1) != T_ARROW && !is_separator(look, 1) && !other ? C_ATTRIBUTE : -1;
}

// ---- more of the statement before

static bool begins_statement(Look *look) {
  const char *word = word_of(look, 0);
  static const char *const WORDS[] = {
    "behavior", "causal_loop", "deployment", "deploymentNode", "extend", "feedback", "flow", "import", "metadata", "node",
    "properties", "ranking", "scale", "scenario", "slo", "story", "tune", "version",
  };
  bool begins = AMONG(word, WORDS) || AMONG(word, IGNORED) || is_element_kind(word);
  switch (kind_of(look, 1)) {
    case T_WORD: return beside(look, 1) && begins;
    case T_TEXT: return AMONG(word, FIELDS);
    case T_OPEN: return is_sign(look, 1, '{') ? begins || AMONG(word, FIELDS) : ahead(look, 0)->dotted;
    default: return ahead(look, 0)->dotted;
  }
}

// Whether the word goes on with the statement: a marker, 0 for words of the grammar itself, -1 when it begins another.
static int goes_on(Look *look, const bool *valid, uint8_t statement) {
  const char *word = word_of(look, 0);
  bool first = ahead(look, 0)->first;
  bool joins = is(word, "and") || is(word, "or");
  enum Kind next = kind_of(look, 1);
  switch (statement) {
    case M_RELATION:
      if (first || next == T_ARROW || is_separator(look, 1)) return -1;
      if (valid[REST]) return REST;
      if ((is(word, "technology") || is(word, "tech")) && next == T_TEXT) return 0;
      if (is(word, "quorum") && next == T_NUMBER) return 0;
      if ((is(word, "tags") || is(word, "tag")) && (next == T_TEXT || is_sign(look, 1, '['))) return 0;
      return valid[VERB] && !begins_statement(look) ? VERB : -1;
    case M_COMPENSATE: return first ? -1 : C_TARGET;
    case S_STEP:
      if (first) return -1;
      if (valid[C_TARGET]) return C_TARGET;
      if (is(word, "order") && (next == T_NUMBER || next == T_TEXT)) return 0;
      if (is(word, "quorum") && next == T_NUMBER) return 0;
      if (is(word, "compensate")) return 0;
      if ((is(word, "parallel") || is(word, "async") || is(word, "forward")) && !is_separator(look, 1) && next != T_ARROW) return A_FLAG;
      if ((is(word, "probability") || is(word, "repeat")) && next != T_EQUALS) return A_VALUE;
      return is(word, "goto") && next == T_WORD ? A_VALUE : -1;
    case M_OPAQUE: return first || next == T_ARROW ? -1 : REST;
    case K_OPAQUE: case M_LOOP: case K_LOOP:
      return first || next == T_EQUALS || next == T_ARROW ? -1 : REST;
    case M_EDGE: {
      bool other = is(word, "variable") || is(word, "loop_type") || is(word, "loop_id") || is(word, "description");
      return first || other || next == T_ARROW ? -1 : REST;
    }
    case A_UNKNOWN: return first || attribute(word) ? -1 : REST;
    case S_COMMITS: return first || is_name(word) ? -1 : REST;
    case S_UNKNOWN: case C_BAD_VERB: return first ? -1 : REST;
    case A_PHRASE: return first || attribute(word) ? -1 : MORE;
    case A_FLAG: case A_BLOCK: {
      static const char *const WORDS[] = {"false", "no", "none", "off", "on", "true", "yes"};
      return !first && AMONG(word, WORDS) && !(statement == A_BLOCK && attribute(word)) ? A_BOOL : -1;
    }
    case A_CONDITION: case S_EXCLUDE: case M_SEARCH: return joins ? 0 : -1;
    case S_ASSIGN: case S_PARAM:
      if (joins) return 0;
      if (is(word, "over")) return MORE;
      return !first && next == T_NUMBER && !is_name(word) && !ahead(look, 0)->dotted && !is(word, "remove") ? MORE : -1;
    case S_ARRIVALS:
      if (AMONG(word, ARRIVALS)) return MORE;
      return (next == T_NUMBER || is_sign(look, 1, '(')) && !is_name(word) ? MORE : -1;
    case S_EXPECT: case S_QUALITY:
      if (joins) return 0;
      if ((is(word, "during") || is(word, "after")) && is(word_of(look, 1), "chaos")) return 0;
      if (is(word, "always") && !is_separator(look, 1)) return 0;
      if (is(word, "eventually")) return 0;
      if (is(word, "from") && !first && (next == T_NUMBER || is(word_of(look, 2), "to"))) return 0;
      if (is(word, "to") || is(word, "within")) return 0;
      return !first && (is(word, "as") || is(word, "severity")) && next == T_WORD ? 0 : -1;
    case S_TIERS:
      if (is(word, "strategy")) return 0;
      return !first && !is_name(word) && kind_of(look, 1 + is_separator(look, 1)) == T_NUMBER ? MORE : -1;
    case S_SAMPLE: return !first && (is(word, "latin") || is(word, "sobol")) ? 0 : -1;
    case S_SYNC: return !first && is(word, "timeout") ? 0 : -1;
    case S_CHECKPOINT: return is(word, "keep") ? 0 : -1;
    case S_DESIGN: {
      bool own = is(word, "start") || is(word, "end") || is(word, "multiplier") || is(word, "component") || is(word, "target");
      return !first && (own || is_design_amount(word)) ? MORE : -1;
    }
    case M_SCENARIO: case K_SCENARIO:
      if (is(word, "extends") && next == T_WORD && !is_separator(look, 1)) return 0;
      return is(word, "abstract") && !first ? 0 : -1;
    case M_VERSION: return is(word, "from") || is(word, "extends") || is(word, "git") ? 0 : -1;
    case M_IMPORT: return is(word, "as") && !first && next == T_WORD ? 0 : -1;
    case M_WRAPPER: return is(word, "follows") && next == T_WORD ? 0 : -1;
    case M_INSTANCE: case K_INSTANCE: return is(word, "instanceId") ? 0 : -1;
    case S_CHAOS: case C_ATTRIBUTE: return chaos_part(look, valid, statement == C_ATTRIBUTE);
    default: return -1;
  }
}

// ---- which statement begins

static int begins(Look *look, uint8_t place) {
  const char *word = word_of(look, 0);
  switch (place) {
    case IN_ITEMS: return item(look);
    case IN_RELATION_BODY:
      if (is(word, "behavior") && is_sign(look, 1, '{')) return M_BEHAVIOR;
      return is_prose(word) ? M_ENTRY : attribute_statement(look);
    case IN_STEP_BODY:
      if (is(word, "compensate")) return M_COMPENSATE;
      return is_step_prose(look) ? M_ENTRY : attribute_statement(look);
    case IN_ATTRIBUTES: return attribute_statement(look);
    case IN_SCENARIO: return scenario_statement(look);
    case IN_STEPS: return starts_step(look) ? S_STEP : -1;
    case IN_OVERLAY: {
      bool dotted = ahead(look, 0)->dotted;
      if (is(word, "remove") && kind_of(look, 1) == T_WORD) return M_REMOVE;
      if (kind_of(look, 1) == T_ARROW && kind_of(look, 2) == T_WORD && is_separator(look, 3)) return S_ASSIGN;
      if (dotted && kind_of(look, 1) == T_NUMBER && beside(look, 1)) return S_ASSIGN;
      if (is_separator(look, 1) && (kind_of(look, 2) != T_WORD || dotted) && (!is_sign(look, 2, '{') || dotted)) return S_ASSIGN;
      return item(look);
    }
    case IN_ZIP: return S_ASSIGN;
    case IN_DEPLOYMENT: {
      bool assigned = kind_of(look, 1) == T_EQUALS && kind_of(look, 2) == T_WORD;
      const char *kind = word_of(look, assigned ? 2 : 0);
      if (assigned && (AMONG(kind, PLACES) || AMONG(kind, INSTANCES))) return M_ASSIGNMENT;
      if (AMONG(kind, PLACES) && (kind_of(look, 1) == T_WORD || kind_of(look, 1) == T_TEXT)) return M_DEPLOYMENT;
      if (AMONG(kind, INSTANCES)) return M_INSTANCE;
      return kind_of(look, 1) == T_ARROW ? M_RELATION : M_OPAQUE;
    }
    case IN_LOOP: return kind_of(look, 1) == T_ARROW ? M_EDGE : M_ENTRY;
    case IN_METADATA: return M_ENTRY;
    default: return 0;
  }
}

// The place inside the braces (or brackets) that open behind `statement`.
static uint8_t inside(const Level *level, char bracket) {
  if (level->place == IN_PLAIN) return IN_PLAIN;
  uint8_t statement = level->statement;
  if (bracket == '[') return statement == S_STEPS ? IN_STEPS : IN_PLAIN;
  if (bracket != '{') return IN_PLAIN;
  if (level->place == IN_QUALITY) return IN_PLAIN;
  switch (statement) {
    case M_ELEMENT: case K_ELEMENT: case M_WRAPPER: return IN_ITEMS;
    case M_RELATION: return IN_RELATION_BODY;
    case S_STEP: return IN_STEP_BODY;
    case A_FLAG: case A_BLOCK: case A_VALUE: case A_CONDITION: case A_PHRASE: case M_BEHAVIOR: case M_SCALE: case S_CHAOS:
    case C_ATTRIBUTE:
    case S_ASSIGN: case S_PARAM:
      return IN_ATTRIBUTES;
    case M_METADATA: return IN_METADATA;
    case M_SCENARIO: case K_SCENARIO: return IN_SCENARIO;
    case M_VERSION: return IN_OVERLAY;
    case M_DEPLOYMENT: case K_DEPLOYMENT: return IN_DEPLOYMENT;
    case M_LOOP: case K_LOOP: return IN_LOOP;
    case S_ZIP: return IN_ZIP;
    case S_QUALITY: return IN_QUALITY;
    case S_STEPS: return IN_STEPS;
    default: return IN_PLAIN;
  }
}

// ---- tokens with a text of their own

static bool scan_text(TSLexer *lexer) {
  int32_t quote = lexer->lookahead;
  lexer->advance(lexer, false);
  if (lexer->lookahead == quote) {
    lexer->advance(lexer, false);
    lexer->mark_end(lexer);
    if (quote != '"' || lexer->lookahead != '"') return true;
    lexer->advance(lexer, false);
    unsigned quotes = 0;
    while (quotes < 3) {
      if (lexer->eof(lexer) || is_hidden(lexer->lookahead)) return false;
      quotes = lexer->lookahead == '"' ? quotes + 1 : 0;
      lexer->advance(lexer, false);
    }
    lexer->mark_end(lexer);
    return true;
  }
  bool lines = false;
  while (lexer->lookahead != quote) {
    if (lexer->eof(lexer) || is_hidden(lexer->lookahead)) return false;
    lines |= lexer->lookahead == '\n';
    if (lexer->lookahead == '\\') {
      lexer->advance(lexer, false);
      if (lexer->eof(lexer) || is_hidden(lexer->lookahead)) return false;
    }
    lexer->advance(lexer, false);
  }
  lexer->advance(lexer, false);
  lexer->mark_end(lexer);
  // A closing quote right before a letter, lines after the opening one, is the opening quote of the next text.
  return !(lines && continues_word(lexer->lookahead));
}

static bool is_unit(const char *unit) { return !*unit || AMONG(unit, UNITS); }

// A number with its unit; where quantities are read as such, the unit must be one.
static bool scan_number(TSLexer *lexer, bool strict) {
  char unit[16];
  unsigned length = 0, points = 0;
  if (lexer->lookahead == '+' || lexer->lookahead == '-') lexer->advance(lexer, false);
  if (!is_digit(lexer->lookahead)) return false;
  for (;;) {
    while (is_digit(lexer->lookahead) || lexer->lookahead == '_') lexer->advance(lexer, false);
    lexer->mark_end(lexer);
    if (lexer->lookahead != '.') break;
    lexer->advance(lexer, false);
    if (!is_digit(lexer->lookahead)) return true;
    points++;
  }
  if (lexer->lookahead == 'e' || lexer->lookahead == 'E') {
    unit[length++] = (char)lexer->lookahead;
    lexer->advance(lexer, false);
    bool sign = lexer->lookahead == '+' || lexer->lookahead == '-';
    if (sign) lexer->advance(lexer, false);
    if (is_digit(lexer->lookahead)) length = 0;
    else if (sign) return !strict;
    while (is_digit(lexer->lookahead)) lexer->advance(lexer, false);
  }
  while (continues_word(lexer->lookahead) || lexer->lookahead == '%' || lexer->lookahead == 0xD7) {
    int32_t c = lexer->lookahead;
    // The only unit beyond ASCII is µs.
    if (c == 0xB5 && length + 2 < sizeof unit) {
      unit[length++] = (char)0xC2;
      unit[length++] = (char)0xB5;
    } else if (length + 1 < sizeof unit) {
      unit[length++] = c < 0x80 ? (char)c : '?';
    }
    lexer->advance(lexer, false);
  }
  lexer->mark_end(lexer);
  while (lexer->lookahead == '/') {
    lexer->advance(lexer, false);
    if (!is_letter(lexer->lookahead)) break;
    if (length + 1 < sizeof unit) unit[length++] = '/';
    while (is_letter(lexer->lookahead)) {
      if (length + 1 < sizeof unit) unit[length++] = (char)lexer->lookahead;
      lexer->advance(lexer, false);
    }
    lexer->mark_end(lexer);
  }
  unit[length] = 0;
  return !strict || (points < 2 && is_unit(unit));
}

static bool close(Scanner *scanner, TSLexer *lexer, char open, enum Token token) {
  if (!scanner->depth || top(scanner)->bracket != open) return false;
  scanner->depth--;
  lexer->advance(lexer, false);
  lexer->mark_end(lexer);
  lexer->result_symbol = token;
  return true;
}

static bool open(Scanner *scanner, TSLexer *lexer, char bracket, uint8_t place, enum Token token) {
  if (scanner->depth == MAX_DEPTH) return false;
  scanner->depth++;
  *top(scanner) = (Level){.place = place, .statement = 0, .bracket = bracket};
  lexer->result_symbol = token;
  return true;
}

static bool open_brace(Scanner *scanner, TSLexer *lexer, const bool *valid) {
  uint8_t place = inside(top(scanner), '{');
  lexer->advance(lexer, false);
  lexer->mark_end(lexer);
  if (valid[OPEN_VALUES] && !valid[ERROR_SENTINEL]) {
    Look look = {.lexer = lexer};
    bool values = kind_of(&look, 0) != T_WORD;
    if (values) return open(scanner, lexer, '{', IN_PLAIN, OPEN_VALUES);
  }
  return valid[OPEN_BRACE] && open(scanner, lexer, '{', place, OPEN_BRACE);
}

static bool mark(Scanner *scanner, TSLexer *lexer, const bool *valid, int token) {
  if (token <= 0 || !valid[token] || scanner->tries > MAX_TRIES) return false;
  if (scanner->idle <= MAX_IDLE) scanner->idle++;
  bool statement = (token >= M_RELATION && token <= A_UNKNOWN) || (token >= S_STEP && token <= S_UNKNOWN) || token == C_BAD_VERB;
  // Attributes beside a step are parts of it.
  bool part = top(scanner)->statement == S_STEP && (token == A_FLAG || token == A_VALUE);
  if (statement && !part) top(scanner)->statement = (uint8_t)token;
  // Behind the first word the head of a block ends where another statement begins.
  if (token == REST && top(scanner)->statement == M_OPAQUE) top(scanner)->statement = K_OPAQUE;
  lexer->result_symbol = (TSSymbol)token;
  return true;
}

// Whether nothing but the word itself can stand here.
static bool awaits_word(const bool *valid) {
  for (unsigned token = M_RELATION; token < ERROR_SENTINEL; token++) {
    if (valid[token]) return false;
  }
  return true;
}

static bool scan_word(Scanner *scanner, TSLexer *lexer, const bool *valid, Look *look, bool commented) {
  Level *level = top(scanner);
  if (valid[DASHED] && !valid[ERROR_SENTINEL] && !commented && awaits_word(valid)) {
    look->takes = true;
    lexer->result_symbol = DASHED;
    return ahead(look, 0)->dashed;
  }
  if (level->place == IN_PLAIN) return false;
  if (valid[ERROR_SENTINEL]) {
    // A statement begins with a line, and hardly anywhere else.
    return ahead(look, 0)->first && !commented && mark(scanner, lexer, valid, begins(look, level->place));
  }
  if (valid[K_ELEMENT]) {
    if (level->place == IN_DEPLOYMENT) {
      bool instance = AMONG(word_of(look, 0), INSTANCES);
      return mark(scanner, lexer, valid, instance ? K_INSTANCE : K_DEPLOYMENT);
    }
    return mark(scanner, lexer, valid, assigned(look));
  }
  if (valid[A_WORD]) {
    // The next attribute is no value of the one before it.
    const char *word = word_of(look, 0);
    bool value = !attribute(word) || is_sign(look, 1, '(') || AMONG(word, CHOICES);
    return value && mark(scanner, lexer, valid, A_WORD);
  }
  if (level->statement == M_ENTRY && valid[BESIDE] && !ahead(look, 0)->first) return mark(scanner, lexer, valid, BESIDE);
  if (valid[SPACING] && is_spacing(look)) return mark(scanner, lexer, valid, SPACING);
  int more = goes_on(look, valid, level->statement);
  if (more == 0) return false;
  if (more > 0 && valid[more]) {
    if ((more == C_VERB || more == C_FREE_VERB) && AMONG(word_of(look, 0), ATTRIBUTE_VERBS)) level->statement = C_ATTRIBUTE;
    return mark(scanner, lexer, valid, more);
  }
  if (level->place == IN_QUALITY || commented) return false;
  return mark(scanner, lexer, valid, begins(look, level->place));
}

// Whether what begins with `c` belongs to the statement when it stands on its line.
static bool belongs(uint8_t statement, int32_t c) {
  bool quote = c == '"' || c == '\'', list = c == '[', tag = c == '#' || c == '@';
  switch (statement) {
    case M_RELATION: case S_STEP: return quote || list || tag || c == ':';
    case M_ELEMENT: case K_ELEMENT: case M_SCENARIO: case K_SCENARIO: case M_DEPLOYMENT: case K_DEPLOYMENT: return tag;
    case M_ENTRY: return quote || list || tag || is_digit(c);
    case S_PARAM: return quote || list || is_digit(c) || c == '+' || c == '-';
    case M_FLAG_FIELD: case M_INSTANCE: case K_INSTANCE: case M_COMPENSATE: return quote;
    default: return false;
  }
}

static bool scan_other(Scanner *scanner, TSLexer *lexer, const bool *valid, Look *look, bool first, bool commented) {
  Level *level = top(scanner);
  int32_t c = lexer->lookahead;
  uint8_t statement = level->statement;
  bool head = statement == M_OPAQUE || statement == K_OPAQUE || statement == M_LOOP || statement == K_LOOP || statement == M_EDGE;
  bool ends = c == '}' || c == ']' || c == ')' || c == ';' || (c == '{' && head);
  if (!first && !valid[ERROR_SENTINEL] && level->place != IN_PLAIN) {
    bool label = statement == M_RELATION && (c == '"' || c == '\'');
    bool sign = statement == S_COMMITS && c >= 0x80;
    bool soup = head || statement == M_RELATION || statement == A_UNKNOWN || statement == S_UNKNOWN ||
                statement == S_COMMITS || statement == C_BAD_VERB;
    if (valid[REST] && soup && !ends && !label && !sign) return mark(scanner, lexer, valid, REST);
    if (valid[BESIDE] && belongs(statement, c)) return mark(scanner, lexer, valid, BESIDE);
    bool number = is_digit(c) || c == '+' || c == '-';
    bool more = statement == A_PHRASE ? number || c == '"' || c == '[' : number && (statement == S_ASSIGN || statement == S_PARAM || statement == S_ARRIVALS);
    if (valid[MORE] && more) {
      Ahead *token = ahead(look, 0);
      return (token->kind == T_NUMBER || !number) && mark(scanner, lexer, valid, MORE);
    }
  }
  if (commented) return false;
  switch (c) {
    case '{': return open_brace(scanner, lexer, valid);
    case '[': case '(': {
      enum Token token = c == '[' ? OPEN_SQUARE : OPEN_ROUND;
      uint8_t place = inside(level, (char)c);
      if (!valid[token]) return false;
      lexer->advance(lexer, false);
      lexer->mark_end(lexer);
      return open(scanner, lexer, (char)c, place, token);
    }
    case '}': return valid[CLOSE_BRACE] && close(scanner, lexer, '{', CLOSE_BRACE);
    case ']': return valid[CLOSE_SQUARE] && close(scanner, lexer, '[', CLOSE_SQUARE);
    case ')': return valid[CLOSE_ROUND] && close(scanner, lexer, '(', CLOSE_ROUND);
    case '"': case '\'':
      if (!valid[TEXT] || (first && (level->statement == S_CHAOS || level->statement == C_ATTRIBUTE) && valid[S_STEP])) {
        if (level->place == IN_METADATA) return mark(scanner, lexer, valid, M_ENTRY);
        bool arrow = kind_of(look, 0) == T_TEXT && kind_of(look, 1) == T_ARROW;
        if (!arrow) return false;
        return mark(scanner, lexer, valid, level->place == IN_SCENARIO || level->place == IN_STEPS ? S_STEP : level->place == IN_LOOP ? M_EDGE : M_RELATION);
      }
      lexer->result_symbol = TEXT;
      return scan_text(lexer);
    default: break;
  }
  if (is_digit(c) || c == '+' || c == '-') {
    if (valid[NUMBER] || valid[LOOSE_NUMBER]) {
      bool loose = valid[LOOSE_NUMBER] && !valid[NUMBER];
      lexer->result_symbol = loose ? LOOSE_NUMBER : NUMBER;
      return scan_number(lexer, !loose);
    }
  }
  return false;
}

// ---- the interface of tree-sitter

void *tree_sitter_sruja_external_scanner_create(void) { return ts_calloc(1, sizeof(Scanner)); }

void tree_sitter_sruja_external_scanner_destroy(void *payload) { ts_free(payload); }

unsigned tree_sitter_sruja_external_scanner_serialize(void *payload, char *buffer) {
  Scanner *scanner = payload;
  unsigned size = 0;
  buffer[size++] = (char)(scanner->column & 0xFF);
  buffer[size++] = (char)(scanner->column >> 8);
  buffer[size++] = (char)scanner->idle;
  buffer[size++] = (char)scanner->tries;
  for (unsigned i = 0; i <= scanner->depth; i++) {
    buffer[size++] = (char)scanner->levels[i].place;
    buffer[size++] = (char)scanner->levels[i].statement;
    buffer[size++] = scanner->levels[i].bracket;
  }
  return size;
}

void tree_sitter_sruja_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  Scanner *scanner = payload;
  memset(scanner->levels, 0, sizeof *scanner->levels);
  scanner->depth = scanner->column = 0;
  scanner->idle = scanner->tries = 0;
  if (length < 7) return;
  scanner->column = (uint16_t)((uint8_t)buffer[0] | (uint8_t)buffer[1] << 8);
  scanner->idle = (uint8_t)buffer[2];
  scanner->tries = (uint8_t)buffer[3];
  for (unsigned i = 4; i + 2 < length; i += 3) {
    scanner->depth = (uint16_t)((i - 4) / 3);
    scanner->levels[scanner->depth] =
        (Level){.place = (uint8_t)buffer[i], .statement = (uint8_t)buffer[i + 1], .bracket = buffer[i + 2]};
  }
}

bool tree_sitter_sruja_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
  Scanner *scanner = payload;
  bool first = false, blank = false, commented = false;
  while (is_blank(lexer->lookahead) && !lexer->eof(lexer)) {
    blank = true;
    first |= lexer->lookahead == '\n';
    lexer->advance(lexer, true);
  }
  if (lexer->eof(lexer)) return false;
  lexer->mark_end(lexer);
  if (blank) {
    scanner->idle = scanner->tries = 0;
    scanner->column = NOWHERE;
  } else if (scanner->idle > MAX_IDLE) {
    uint16_t column = (uint16_t)(lexer->get_column(lexer) % NOWHERE);
    scanner->tries = column == scanner->column ? scanner->tries + 1 : 0;
    scanner->column = column;
  }
  Look look = {.lexer = lexer};
  if (lexer->lookahead == '/') {
    commented = true;
    first |= gap(&look);
    if (at_end(&look) || look.holds) return look.holds && valid[REST] && !first && top(scanner)->place != IN_PLAIN && mark(scanner, lexer, valid, REST);
  }
  if (starts_word(lexer->lookahead)) {
    look.line = first;
    return scan_word(scanner, lexer, valid, &look, commented);
  }
  return scan_other(scanner, lexer, valid, &look, first, commented);
}
