// Generated from the schema: UPDATE_DOCS=1 cargo test --test suite editors

static const char *const KINDS[] = {
  "actor", "cache", "cdn", "component", "container", "database", "datastore", "external",
  "external_system", "function", "gateway", "job", "load_balancer", "microservice", "mobile", "person",
  "queue", "role", "search", "service", "storage", "stream", "system", "topic",
  "user", "webapp", "worker",
};

static const char *const FIELDS[] = {
  "aliases", "canonical_id", "category", "consequences", "context", "criticality", "decision", "desc",
  "description", "doc", "documentation", "domain", "enforcement", "external", "icon", "id",
  "kind", "knowledge", "language", "link", "loop_id", "loop_type", "note", "notes",
  "owner", "polarity", "priority", "protocol", "region", "repo", "repository", "responsibility",
  "severity", "source", "status", "tag", "tags", "team", "tech", "technology",
  "title", "type", "url", "version", "zone",
};

static const char *const IGNORED[] = {
  "acceptance_criteria", "adr", "change", "constraint", "constraints", "containerInstance", "contract", "contracts",
  "conventions", "dependencies", "dynamic", "fitness", "incident", "infrastructure", "journey", "layout",
  "option", "overview", "policy", "requirement", "rule", "schema", "snapshot", "sources",
  "state_machine", "style", "styles", "systemContext", "view",
};

static const char *const PLACES[] = {
  "deployment", "deploymentNode", "environment", "node", "region", "zone",
};

static const char *const INSTANCES[] = {
  "containerInstance", "instance", "softwareSystemInstance", "systemInstance",
};

static const char *const KNOBS[] = {
  "errors", "failures", "lag", "latency", "load", "retries", "retryPolicy", "retry_policy",
  "think", "users",
};

static const char *const SETTINGS[] = {
  "duration", "precision", "priority", "replications", "seed", "timeout", "warmup",
};

static const char *const STATEMENTS[] = {
  "abstract", "arrivals", "behavior", "checkpoint", "commits", "exclude", "expect", "group",
  "introduce", "param", "quality", "sample", "simulate", "sync", "tiers", "traffic",
  "versions", "zip",
};

static const char *const VERBS[] = {
  "SIGSTOP", "abort", "autoscale_off", "az-outage", "bandwidth", "blackhole", "cache-flush", "cache_flush",
  "clear_cache", "config_change", "consumer_stop", "container-kill", "cpu", "crash", "decrease", "delay",
  "deploy", "drop", "duplicate", "error", "evict", "exception", "exhaust", "fail",
  "failover", "fault", "fill", "freeze", "grace", "gray", "halt", "hang",
  "heal", "hot_key", "increase", "insufficient-instance-capacity", "io", "isolate", "jitter", "kill",
  "latency", "leak", "load", "loadgen", "loss", "lower", "network-partition", "outage",
  "packet-loss", "partition", "pause", "pod-delete", "pod_delete", "poison", "power-off", "process-kill",
  "quota", "raise", "rate-limit", "reboot", "recover", "region_outage", "reorder", "restart",
  "rollback", "rollout", "scale", "scale_down", "set", "shutdown", "slow", "spike",
  "stop", "stress", "surge", "terminate", "throttle", "zone_outage",
};

static const char *const FREE_VERBS[] = {
  "cache-flush", "cache_flush", "clear_cache", "delay", "drop", "duplicate", "halt", "heal",
  "isolate", "jitter", "load", "loadgen", "loss", "network-partition", "packet-loss", "partition",
  "recover", "reorder", "spike", "surge",
};

static const char *const ATTRIBUTE_VERBS[] = {
  "config_change", "decrease", "exhaust", "fill", "increase", "load", "loadgen", "lower",
  "raise", "set", "spike", "surge",
};

static const char *const MOMENTS[] = {
  "after", "any", "at", "every", "inject", "introduce", "random", "when",
};

static const char *const AMOUNTS[] = {
  "by", "cv", "downtime", "factor", "grace", "jitter", "load", "loss",
  "rate", "share", "to",
};

static const char *const MANNERS[] = {
  "bidirectional", "canary", "cold", "full", "graceful", "oneway", "partial", "rolling",
  "symmetric",
};

static const char *const REPLICAS[] = {
  "instance", "instances", "pod", "pods", "replica", "replicas",
};

static const char *const ARRIVALS[] = {
  "batch", "constant", "deterministic", "erlang", "gamma", "hyperexponential", "mmpp", "poisson",
  "trace", "weibull",
};

static const char *const UNITS[] = {
  "%", "%/s", "/d", "/h", "/min", "/s", "B", "G",
  "GB", "GiB", "KB", "KiB", "M", "M/d", "M/h", "M/min",
  "M/s", "MB", "MiB", "TB", "TiB", "USD", "USD/M", "USD/d",
  "USD/h", "USD/k", "USD/month", "d", "h", "k", "k/d", "k/h",
  "k/min", "k/s", "kB", "krps", "m", "min", "ms", "ns",
  "rps", "s", "sec", "us", "w", "x", "µs",
};

static const char *const CHOICES[] = {
  "at_least_once", "at_most_once", "codel", "consistent_hash", "decorrelated", "equal", "error", "fifo",
  "full", "least_connections", "lifo", "none", "power_of_two", "priority", "propagate", "ps",
  "random", "rejected", "round_robin", "timeout", "unbounded", "weighted",
};

// What stands behind an attribute: a flag, a block, a condition, a phrase or one value.
static const struct { const char *name; char takes; } ATTRIBUTES[] = {
  {"arrivals", 'p'},
  {"async", 'f'},
  {"availability", 'v'},
  {"backoff", 'v'},
  {"balance", 'v'},
  {"blocking", 'f'},
  {"breaker", 'b'},
  {"budget", 'v'},
  {"bulkhead", 'v'},
  {"burst", 'v'},
  {"cache", 'b'},
  {"calls", 'v'},
  {"cancel", 'f'},
  {"capacity", 'v'},
  {"circuit_breaker", 'b'},
  {"coalesce", 'f'},
  {"concurrency", 'v'},
  {"consecutive", 'v'},
  {"cooldown", 'v'},
  {"cost", 'v'},
  {"dead_letter", 'v'},
  {"deadline", 'v'},
  {"delivery", 'v'},
  {"discipline", 'v'},
  {"discovery", 'b'},
  {"error_rate", 'v'},
  {"errors", 'v'},
  {"fallback", 'v'},
  {"forward", 'f'},
  {"goto", 'v'},
  {"half_open", 'v'},
  {"hedge", 'p'},
  {"hit_ratio", 'v'},
  {"hit_time", 'v'},
  {"interval", 'v'},
  {"jitter", 'v'},
  {"key", 'p'},
  {"lag", 'v'},
  {"latency", 'v'},
  {"loss", 'v'},
  {"lru", 'v'},
  {"max", 'v'},
  {"max_deliveries", 'v'},
  {"metric", 'v'},
  {"min", 'v'},
  {"min_calls", 'v'},
  {"mttf", 'v'},
  {"mttr", 'v'},
  {"nonblocking", 'f'},
  {"on", 'v'},
  {"open", 'v'},
  {"order", 'v'},
  {"parallel", 'f'},
  {"patience", 'v'},
  {"pool", 'v'},
  {"preempt", 'f'},
  {"priority", 'v'},
  {"probability", 'v'},
  {"queue", 'v'},
  {"queue_limit", 'v'},
  {"quorum", 'v'},
  {"rate_limit", 'v'},
  {"repair_crews", 'v'},
  {"repeat", 'v'},
  {"replicas", 'v'},
  {"retries", 'v'},
  {"retry", 'v'},
  {"scale", 'b'},
  {"service_time", 'v'},
  {"shards", 'v'},
  {"shed", 'c'},
  {"slowdown", 'v'},
  {"startup", 'v'},
  {"sync", 'v'},
  {"threads", 'v'},
  {"timeout", 'v'},
  {"ttl", 'v'},
  {"visibility", 'v'},
  {"wait", 'v'},
  {"warmup", 'v'},
  {"weight", 'v'},
  {"window", 'v'},
  {"workers", 'v'},
  {"write", 'f'},
};
