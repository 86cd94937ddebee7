namespace RunnerImage.Images;

/// <summary>
/// Where the store of images is in a pod: beside the job's folders, on the volume that the job works in.
/// </summary>
internal static class StorePlace
{
    private const string Folder = "_images";

    /// <summary>A link to the store in the state folder, for steps that have cleared their environment.</summary>
    private const string Link = "images";

    public static ImageStore Open(JobPod pod)
    {
        var folder = FolderOf(pod);
        var volume = StoreLimit.VolumeOf(Path.GetDirectoryName(folder)!);
        return new(folder, StoreLimit.InBytes(pod.Value(StoreLimit.Variable), volume));
    }

    private static string FolderOf(JobPod pod)
    {
        var link = Path.Combine(pod.StateFolder, Link);
        if (Target(link) is { } known)
            return known;
        // GitHub's runner names a folder inside its work folder; the work folder itself is what outlives a step.
        var parent = pod.Value("RUNNER_TEMP") is { } temp
            && Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(temp)) is { Length: > 1 } work
            && !work.Contains(':')
                ? work
                : pod.StateFolder;
        var folder = Path.Combine(parent, Folder);
        return Directory.Exists(folder) ? folder : Remember(link, folder);
    }

    private static string Remember(string link, string folder)
    {
        try
        {
            File.CreateSymbolicLink(link, folder);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Target(link) ?? folder;
        }
    }

    private static string? Target(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
