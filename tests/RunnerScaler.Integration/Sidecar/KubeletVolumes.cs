using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Integration.Sidecar;

/// <summary>Makes the folders and files of a pod's volumes, as a kubelet does.</summary>
/// <param name="pod">The pod.</param>
/// <param name="folder">Where its volumes are to be.</param>
/// <param name="token">What every service account token of it is.</param>
internal sealed class KubeletVolumes(JsonObject pod, string folder, string token)
{
    private const UnixFileMode Everyone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const UnixFileMode Readable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Makes all of them.</summary>
    public void Make()
    {
        foreach (var volume in pod.Objects("spec", "volumes"))
        {
            var place = PathOf(volume.Text("name")!, null);
            Directory.CreateDirectory(place);
            if (volume["emptyDir"] is not null)
                Allow(place, Everyone);
            else if (volume["downwardAPI"] is JsonObject files)
                Write(place, files);
            else if (volume["projected"] is JsonObject projected)
                Project(place, projected);
            else
                throw new NotSupportedException($"a volume of a kind that is not made here: {volume.ToJsonString()}");
        }
    }

    /// <summary>What is mounted for a mount of a volume.</summary>
    public string PathOf(string volume, string? subPath) =>
        subPath is null ? Path.Combine(folder, volume) : Path.Combine(folder, volume, subPath);

    /// <summary>Says who may do what with a file or folder.</summary>
    public static void Allow(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
    }

    private void Project(string place, JsonObject projected)
    {
        foreach (var source in projected.Objects("sources"))
            if (source["serviceAccountToken"] is JsonObject wanted)
                Put(Path.Combine(place, wanted.Text("path")!), token);
            else if (source["downwardAPI"] is JsonObject files)
                Write(place, files);
            else
                throw new NotSupportedException($"a source that is not made here: {source.ToJsonString()}");
    }

    /// <remarks>All that our pods ask for are annotations: <c>metadata.annotations['…']</c>.</remarks>
    private void Write(string place, JsonObject files)
    {
        foreach (var item in files.Objects("items"))
        {
            var annotation = item.Text("fieldRef", "fieldPath")!.Split('\'')[1];
            Put(Path.Combine(place, item.Text("path")!), pod["metadata"]!["annotations"]![annotation].Text()!);
        }
    }

    private static void Put(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        Allow(path, Readable);
    }
}
