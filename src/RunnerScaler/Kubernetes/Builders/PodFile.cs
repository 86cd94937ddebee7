using System.Globalization;
using System.Text.Json.Nodes;

namespace RunnerScaler.Kubernetes.Builders;

/// <summary>
/// A file that travels in the pod itself: an annotation holds the text, a downwardAPI volume makes a file of it. So a
/// runner stays one object, and nothing has to be cleaned up after it.
/// </summary>
/// <param name="Annotation">Where the text is.</param>
/// <param name="Text">The text.</param>
/// <param name="VolumePath">The file's name in its volume.</param>
internal sealed record PodFile(string Annotation, string Text, string VolumePath)
{
    public const string Toml = PodLabels.Prefix + "buildkitd.toml";
    public const string SubordinateIds = PodLabels.Prefix + "subid";
    public const string KubeConfig = PodLabels.Prefix + "kubeconfig";

    public static string RegistryCa(int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{PodLabels.Prefix}registry-ca-{index}");

    /// <summary>An item of a downwardAPI volume or source.</summary>
    public JsonObject Item() => new()
    {
        ["path"] = VolumePath,
        ["fieldRef"] = new JsonObject { ["fieldPath"] = $"metadata.annotations['{Annotation}']" },
    };
}
