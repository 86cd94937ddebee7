using System.Collections.Immutable;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>A right that was taken away, as a rule of RBAC would name it.</summary>
/// <param name="Verb">As in RBAC: create, patch, ….</param>
/// <param name="Resource">The plural with its subresource, without the group: <c>runnerpools/status</c>.</param>
/// <param name="Namespace">Null for all; empty for a review of the right in all namespaces at once.</param>
/// <param name="Name">Null for all objects.</param>
internal sealed record LostRight(string Verb, string Resource, string? Namespace = null, string? Name = null)
{
    /// <summary>Whose right it was; null for that of <see cref="AccessRules.User"/>.</summary>
    public string? User { get; init; }

    public bool Covers(string verb, string resource, string? ns, string? name) =>
        Verb == verb && Resource == resource
        && (Namespace is null || Namespace == ns)
        && (Name is null || Name == name);
}

/// <summary>An admission webhook that is in the way of writes.</summary>
/// <param name="Name">As in its configuration, such as <c>policy.example.com</c>.</param>
/// <param name="Matches">The writes that it is asked about.</param>
internal sealed record Webhook(string Name, Func<KubeRequest, bool> Matches)
{
    /// <summary>The code that it denies with; null if it cannot be asked (500, nothing is done).</summary>
    public int? Denies { get; init; } = 403;

    /// <summary>What it says when it denies.</summary>
    public string Says { get; init; } = "not here";

    /// <summary>Answered in its place, as by admission that is built in, such as quotas.</summary>
    public KubeFailure? BuiltIn { get; init; }

    /// <summary>How long it takes to answer, or to be given up.</summary>
    public TimeSpan Takes { get; init; }

    /// <summary>After so many requests it lets all through.</summary>
    public int Times { get; init; } = int.MaxValue;

    /// <summary>What a real server answers.</summary>
    public KubeFailure Answer() => BuiltIn ?? (Denies is { } code
        ? new KubeFailure(code, ReasonOf(code), $"admission webhook \"{Name}\" denied the request: {Says}")
        : new KubeFailure(500, "InternalError",
            $"Internal error occurred: failed calling webhook \"{Name}\": failed to call webhook: Post "
            + $"\"https://{Name}:443/validate?timeout=10s\": context deadline exceeded"));

    private static string ReasonOf(int code) => code switch
    {
        400 => "BadRequest",
        403 => "Forbidden",
        409 => "Conflict",
        422 => "Invalid",
        429 => "TooManyRequests",
        _ => "",
    };
}

/// <summary>
/// What one user may not do, and whom writes have to pass: RBAC and admission as far as refusals go. Nothing is refused
/// to start with. A real server also asks in this order, RBAC first.
/// </summary>
internal sealed class AccessRules(TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<Webhook, int> asked = [];
    private ImmutableArray<LostRight> lost = [];
    private ImmutableArray<Webhook> webhooks = [];

    /// <summary>Whom rights are taken from, and whose writes webhooks look at.</summary>
    public string User { get; set; } = "controller";

    public void TakeAway(LostRight right) => ImmutableInterlocked.Update(ref lost, l => l.Add(right));

    public void GiveBack(LostRight right) => ImmutableInterlocked.Update(ref lost, l => l.Remove(right));

    public void Add(Webhook webhook) => ImmutableInterlocked.Update(ref webhooks, w => w.Add(webhook));

    public void Remove(Webhook webhook) => ImmutableInterlocked.Update(ref webhooks, w => w.Remove(webhook));

    public bool Allows(string user, string verb, string resource, string? ns, string? name) =>
        !lost.Any(l => (l.User ?? User) == user && l.Covers(verb, resource, ns, name));

    /// <exception cref="KubeFailure">The user may not, or a webhook is in the way.</exception>
    internal async Task PassAsync(KubeRequest request, CancellationToken cancel)
    {
        if (!Allows(request.User.Name, request.Verb, request.Resource, request.Namespace, request.Name))
            throw Forbidden(request);
        var isWrite = request.Verb is not ("get" or "list" or "watch") && !Reviews.All.Contains(request.Type);
        if (request.User.Name != User || !isWrite)
            return;
        foreach (var webhook in webhooks.Where(w => w.Matches(request) && Ask(w)))
        {
            if (webhook.Takes > TimeSpan.Zero)
                await Task.Delay(webhook.Takes, time, cancel);
            throw webhook.Answer();
        }
    }

    private bool Ask(Webhook webhook)
    {
        lock (gate)
            return (asked[webhook] = asked.GetValueOrDefault(webhook) + 1) <= webhook.Times;
    }

    private static KubeFailure Forbidden(KubeRequest request)
    {
        var scope = request.Namespace is null ? "at the cluster scope" : $"in the namespace \"{request.Namespace}\"";
        var what = request.Name is null ? request.Type.Resource : $"{request.Type.Resource} \"{request.Name}\"";
        return new KubeFailure(403, "Forbidden",
            $"{what} is forbidden: User \"{request.User.Name}\" cannot {request.Verb} resource \"{request.Resource}\" "
            + $"in API group \"{request.Type.Group}\" {scope}");
    }
}
