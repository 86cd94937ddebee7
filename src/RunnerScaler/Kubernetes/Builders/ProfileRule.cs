using System.Collections.Immutable;
using System.Text.Json.Nodes;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Builders;

/// <summary>What was decided about a pool's builder.</summary>
internal abstract record BuilderChoice
{
    /// <param name="Profile">Null if there is no sidecar.</param>
    /// <param name="Reason">One word for a condition.</param>
    /// <param name="Message">A sentence that says why.</param>
    public sealed record Selected(BuilderProfile? Profile, string Reason, string Message) : BuilderChoice;

    /// <summary>The cluster cannot run such pods: none must be made.</summary>
    public sealed record Refused(Problem Problem) : BuilderChoice;
}

/// <summary>Chooses the sidecar's profile: the strictest that every node which may run the pod can do.</summary>
internal static class ProfileRule
{
    /// <summary>User namespaces and unmasked /proc are on by default.</summary>
    public static readonly Release UserNamespaces = new(1, 33);

    /// <summary>Pod Security admits an unmasked /proc in a user namespace at <c>baseline</c>.</summary>
    public static readonly Release BaselineAdmitsThem = new(1, 35);

    /// <summary>The first kernel that maps the ids of every file system that pods use.</summary>
    public static readonly Release MappedMounts = new(6, 3);

    public static BuilderChoice Choose(
        BuilderSpec builder, JsonObject? template, BuilderDefaults defaults, ClusterFacts cluster)
    {
        if (builder.Mode != BuilderMode.Sidecar)
            return new BuilderChoice.Selected(
                null, builder.Mode.ToString(), $"spec.builder.mode is {builder.Mode}: the pods have no sidecar.");
        if (cluster.Server < ClusterFacts.OldestServer)
            return Refuse(
                $"The API server is Kubernetes {cluster.Server}, which has no sidecars, and "
                    + $"{ClusterFacts.OldestServer} is the oldest that is supported: set spec.builder.mode to None or "
                    + "Shared, or upgrade the cluster.");
        if (builder.Image is null && defaults.Image.Length == 0)
            return Refuse(
                "The pool names no image for its builder, and the controller has none: set spec.builder.image, or the "
                    + "controller's option Kubernetes:BuilderImage.");
        return builder.Profile is { } asked ? Take(asked, cluster) : Pick(template, cluster);
    }

    private static BuilderChoice Take(BuilderProfile asked, ClusterFacts cluster) =>
        asked == BuilderProfile.UserNamespaces && cluster.Server < UserNamespaces
            ? Refuse(
                $"spec.builder.profile is UserNamespaces, which Kubernetes has since {UserNamespaces}, and the API "
                    + $"server is {cluster.Server}: set Baseline, or upgrade the cluster.")
            : new BuilderChoice.Selected(asked, asked.ToString(), "spec.builder.profile asks for it.");

    private static BuilderChoice.Selected Pick(JsonObject? template, ClusterFacts cluster) =>
        WhyNot(template, cluster) is { } why
            ? new(BuilderProfile.Baseline, nameof(BuilderProfile.Baseline), why)
            : new(
                BuilderProfile.UserNamespaces,
                nameof(BuilderProfile.UserNamespaces),
                "Every Linux node that the pods may run on has user namespaces.");

    /// <summary>Why the pods do without user namespaces, in a sentence; null if they need not.</summary>
    private static string? WhyNot(JsonObject? template, ClusterFacts cluster)
    {
        if (cluster.Server < BaselineAdmitsThem)
            return $"The API server is Kubernetes {cluster.Server}: before {BaselineAdmitsThem}, Pod Security admits a "
                + "builder with user namespaces at the level privileged only.";
        if (cluster.Nodes is NodeReading.Unknown unknown)
            return $"What the nodes can do is not known, for {unknown.Why}: let the controller list nodes, or set "
                + "spec.builder.profile.";
        if (template?["spec"]?["runtimeClassName"] is not null)
            return "spec.template names a runtime class, and what that can do is not known: if it has user "
                + "namespaces, set spec.builder.profile to UserNamespaces.";
        var candidates = Candidates(((NodeReading.Known)cluster.Nodes).Nodes, template);
        if (candidates.IsEmpty)
            return "No Linux node matches the pool's nodeSelector now: if the nodes to come have user namespaces, set "
                + "spec.builder.profile to UserNamespaces.";
        foreach (var node in candidates)
            if (Lack(node) is { } lack)
                return $"Node '{node.Name}' {lack}: to use user namespaces, keep the pods off such nodes with a "
                    + "nodeSelector in spec.template.";
        return null;
    }

    /// <summary>What the node lacks for user namespaces; null if it has all.</summary>
    private static string? Lack(NodeFacts node)
    {
        if (!(node.Kubelet >= UserNamespaces))
            return $"has kubelet {node.Kubelet?.ToString() ?? "of an unknown release"}, and {UserNamespaces} is needed";
        if (!(node.Kernel >= MappedMounts))
            return $"has kernel {node.Kernel?.ToString() ?? "of an unknown release"}, and {MappedMounts} is needed";
        return node.UserNamespaces ? null : "does not report user namespaces for its default runtime";
    }

    private static ImmutableArray<NodeFacts> Candidates(ImmutableArray<NodeFacts> nodes, JsonObject? template)
    {
        var selector = template?["spec"]?["nodeSelector"] as JsonObject ?? [];
        return
        [
            .. nodes
                .Where(n => n.System == "linux")
                .Where(n => selector.All(
                    s => s.Value is null || n.Labels.GetValueOrDefault(s.Key) == PodJson.TextOf(selector, s.Key)))
                .OrderBy(n => n.Name, StringComparer.Ordinal),
        ];
    }

    private static BuilderChoice.Refused Refuse(string message) =>
        new(new Problem(ProblemReason.BuilderUnavailable, message));
}
