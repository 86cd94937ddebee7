using System.Collections.Immutable;
using System.Text.Json;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes;

/// <summary>
/// The rules that a <see href="https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-rules-review-v1/">SelfSubjectRulesReview</see>
/// gives. They grant what they cover; what they do not cover may be granted all the same, for not every authorizer can
/// list its rules.
/// </summary>
internal sealed class GrantedRules
{
    private const string Any = "*";

    private readonly ImmutableArray<Rule> rules;
    private readonly ImmutableArray<PathRule> paths;

    private GrantedRules(ImmutableArray<Rule> rules, ImmutableArray<PathRule> paths) =>
        (this.rules, this.paths) = (rules, paths);

    /// <param name="status">The review's status; what cannot be read of it grants nothing.</param>
    public static GrantedRules Read(JsonElement? status) => new(
    [
        .. status.Each("resourceRules").Select(rule => new Rule(
            Words(rule, "verbs"), Words(rule, "apiGroups"), Words(rule, "resources"), Words(rule, "resourceNames"))),
    ],
    [
        .. status.Each("nonResourceRules").Select(
            rule => new PathRule(Words(rule, "verbs"), Words(rule, "nonResourceURLs"))),
    ]);

    /// <summary>Whether one of the rules covers a right.</summary>
    public bool Cover(NeededRight right) => right.Request.Resource.StartsWith('/')
        ? paths.Any(rule => rule.Covers(right.Request))
        : rules.Any(rule => rule.Covers(right));

    private static ImmutableArray<string> Words(JsonElement? rule, string list) =>
        [.. rule.Each(list).Select(item => ((JsonElement?)item).Text()).OfType<string>()];

    private static bool Has(ImmutableArray<string> words, string word) =>
        words.Contains(Any) || words.Contains(word);

    // The last character of a path may stand for all that begins so.
    private sealed record PathRule(ImmutableArray<string> Verbs, ImmutableArray<string> Paths)
    {
        public bool Covers(ApiRequest request) => Has(Verbs, request.Verb) && Paths.Any(path => path.EndsWith('*')
            ? request.Resource.StartsWith(path[..^1], StringComparison.Ordinal)
            : request.Resource == path);
    }

    private sealed record Rule(
        ImmutableArray<string> Verbs,
        ImmutableArray<string> Groups,
        ImmutableArray<string> Resources,
        ImmutableArray<string> Names)
    {
        public bool Covers(NeededRight right) =>
            Has(Verbs, right.Request.Verb)
            && Has(Groups, right.Group)
            && (Has(Resources, right.Request.Resource) || Resources.Contains(OfAnyResource(right.Request.Resource)))
            && (Names.IsEmpty || Names.Contains(right.Request.Name));

        private static string OfAnyResource(string resource) =>
            resource.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash ? Any + resource[slash..] : Any;
    }
}
