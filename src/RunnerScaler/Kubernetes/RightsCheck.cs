using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes;

/// <summary>
/// Asks the API server from time to time what the controller may do, so that a right that is missing is told before it
/// is needed, and one that is given is noticed at once: for the rules of each namespace, which is one request, and then
/// for each right that they do not cover
/// (<see href="https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/"/>).
/// Clusters that do not answer such questions tell by their refusals alone.
/// </summary>
/// <param name="api">The API server.</param>
/// <param name="refusals">Told of what is missing, and of what is there.</param>
/// <param name="rights">What the controller needs.</param>
/// <param name="period">The time between two rounds.</param>
/// <param name="heartbeats">The loop beats here.</param>
/// <param name="time">The clock.</param>
internal sealed class RightsCheck(
    ApiServer api,
    Refusals refusals,
    ImmutableArray<NeededRight> rights,
    TimeSpan period,
    Heartbeats heartbeats,
    TimeProvider time)
{
    private const string Loop = "rights";
    private const string Group = "authorization.k8s.io/v1";
    private const string Accesses = $"/apis/{Group}/selfsubjectaccessreviews";
    private const string Rules = $"/apis/{Group}/selfsubjectrulesreviews";

    /// <summary>
    /// Rules are asked for in a namespace. There is none of this name, and none can be made: what is granted there is
    /// granted everywhere.
    /// </summary>
    private const string NoNamespace = "no.namespace";

    /// <summary>Asks round after round, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            await CheckAsync(cancel);
            await Task.Delay(period, time, cancel);
        }
    }

    /// <summary>One round; ends at the first question that is not answered.</summary>
    public async Task CheckAsync(CancellationToken cancel)
    {
        foreach (var namespaced in rights.GroupBy(right => right.Request.Namespace))
        {
            var granted = await RulesAsync(namespaced.Key, cancel);
            foreach (var right in namespaced)
                if (granted?.Cover(right) == true)
                    refusals.Allowed(right.Request);
                else if (!await AskAsync(right, cancel))
                    return;
        }
    }

    /// <returns>Null if the question is not answered.</returns>
    private async Task<GrantedRules?> RulesAsync(string ns, CancellationToken cancel)
    {
        Beat();
        var question = Review("SelfSubjectRulesReview", new JsonObject
        {
            ["namespace"] = ns.Length == 0 ? NoNamespace : ns,
        });
        var answer = await api.SendAsync(HttpMethod.Post, Rules, question, cancel);
        return answer.Ok ? GrantedRules.Read(answer.Root.Member("status")) : null;
    }

    /// <returns>Whether the question was answered.</returns>
    private async Task<bool> AskAsync(NeededRight right, CancellationToken cancel)
    {
        Beat();
        var answer = await api.SendAsync(HttpMethod.Post, Accesses, Question(right), cancel);
        if (answer.Ok)
            Take(right.Request, answer.Root.Member("status"));
        return answer.Ok;
    }

    private void Beat() => heartbeats.Beat(Loop, (period * 3) + TimeSpan.FromMinutes(2));

    private void Take(ApiRequest request, JsonElement? status)
    {
        if (status.Member("allowed") is { ValueKind: JsonValueKind.True })
            refusals.Allowed(request);
        else if (status.Member("allowed") is { ValueKind: JsonValueKind.False })
            refusals.Missing(request, status.Text("reason") is { Length: > 0 } why ? why : "the controller may not");
    }

    private static JsonObject Question(NeededRight right)
    {
        var (verb, resource, ns, name) = right.Request;
        if (resource.StartsWith('/'))
            return Review("SelfSubjectAccessReview", new JsonObject
            {
                ["nonResourceAttributes"] = new JsonObject { ["verb"] = verb, ["path"] = resource },
            });
        var parts = resource.Split('/');
        var attributes = new JsonObject
        {
            ["verb"] = verb,
            ["group"] = right.Group,
            ["resource"] = parts[0],
            ["namespace"] = ns,
            ["name"] = name,
        };
        if (parts.Length > 1)
            attributes["subresource"] = parts[1];
        return Review("SelfSubjectAccessReview", new JsonObject { ["resourceAttributes"] = attributes });
    }

    private static JsonObject Review(string kind, JsonObject spec) =>
        new() { ["apiVersion"] = Group, ["kind"] = kind, ["spec"] = spec };
}

/// <summary>A right that the controller needs wherever it works.</summary>
/// <param name="Group">The API group; empty for the core, and for paths that are no objects.</param>
/// <param name="Request">What it is to be allowed.</param>
internal readonly record struct NeededRight(string Group, ApiRequest Request)
{
    /// <summary>
    /// All but those that depend on what pools name: Secrets, which may be allowed one by one, and what their builders
    /// need. They are told when they are refused.
    /// </summary>
    /// <param name="namespaces">Where pools are; empty for everywhere.</param>
    /// <param name="own">The controller's own namespace.</param>
    /// <param name="options">Name the Lease and the Secret of the claims endpoint.</param>
    /// <param name="reviewsReaders">Whether those who ask for explanations are asked who they are.</param>
    public static ImmutableArray<NeededRight> All(
        IEnumerable<string> namespaces, string own, KubernetesOptions options, bool reviewsReaders) =>
    [
        .. namespaces.Distinct().DefaultIfEmpty("").SelectMany(InNamespaceOfPools),
        .. Each("authentication.k8s.io", "tokenreviews", "", "", "create"),
        .. reviewsReaders ? Each("authorization.k8s.io", "subjectaccessreviews", "", "", "create") : [],
        .. Each("", ResourcePaths.IssuerConfiguration, "", "", "get"),
        .. Each("", ResourcePaths.IssuerKeys, "", "", "get"),
        .. Each("", "nodes", "", "", "list"),
        .. Each("coordination.k8s.io", "leases", own, options.LeaseName, "get", "update"),
        .. Each("coordination.k8s.io", "leases", own, "", "create"),
        .. Each("", "secrets", own, options.ClaimsSecret, "get", "patch"),
        .. Each("", "secrets", own, "", "create"),
    ];

    private static IEnumerable<NeededRight> InNamespaceOfPools(string ns) =>
    [
        .. Each("", "pods", ns, "", "get", "list", "watch", "create", "patch", "delete"),
        .. Each(ResourcePaths.Group, "runnerpools", ns, "", "list", "watch"),
        .. Each(ResourcePaths.Group, "runnerpools/status", ns, "", "patch"),
        .. Each("events.k8s.io", "events", ns, "", "create"),
    ];

    private static IEnumerable<NeededRight> Each(
        string group, string resource, string ns, string name, params string[] verbs) =>
        verbs.Select(verb => new NeededRight(group, new(verb, resource, ns, name)));
}
