using System.Text.Json.Nodes;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Importing;

/// <summary>Kinds of Actions Runner Controller, of both its generations.</summary>
internal static class ArcKinds
{
    public const string ScaleSet = "AutoscalingRunnerSet";
    public const string Deployment = "RunnerDeployment";
    public const string RunnerSet = "RunnerSet";
    public const string Autoscaler = "HorizontalRunnerAutoscaler";

    public const string Group = "actions.github.com/v1alpha1";
    public const string OldGroup = "actions.summerwind.dev/v1alpha1";

    /// <summary>What is read from a cluster: where, and of which kind.</summary>
    public static IReadOnlyList<(string Kind, string Group, string Plural)> Listed { get; } =
    [
        (ScaleSet, Group, "autoscalingrunnersets"), (Deployment, OldGroup, "runnerdeployments"),
        (RunnerSet, OldGroup, "runnersets"), (Autoscaler, OldGroup, "horizontalrunnerautoscalers"),
    ];

    /// <summary>What ARC makes of the others by itself.</summary>
    public static IReadOnlyList<string> Made { get; } =
        ["AutoscalingListener", "EphemeralRunner", "EphemeralRunnerSet", "Runner", "RunnerReplicaSet"];
}

/// <summary>An object of Actions Runner Controller.</summary>
/// <param name="Kind">One of <see cref="ArcKinds"/>.</param>
/// <param name="Namespace">Empty if it does not say.</param>
/// <param name="Name">Empty if it does not say.</param>
/// <param name="Spec">Its spec; empty if it has none.</param>
internal sealed record ArcObject(string Kind, string Namespace, string Name, JsonObject Spec)
{
    public static ArcObject Of(JsonObject manifest)
    {
        var metadata = manifest.Fields("metadata");
        return new(
            manifest.Text("kind") ?? "", metadata.Text("namespace") ?? "", metadata.Text("name") ?? "",
            manifest.Fields("spec") ?? []);
    }

    public override string ToString() =>
        $"{Kind.Shown()} {(Namespace.Length > 0 ? Namespace.Shown() + "/" : "")}{Name.Shown()}";
}
