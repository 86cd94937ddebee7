namespace RunnerImage.Buildx;

/// <summary>Finds the program behind the shim.</summary>
internal static class RealBuildx
{
    public const string FileName = "docker-buildx";

    /// <summary>The image's own, seen from the folder of this program.</summary>
    private const string ImagePath = "../real/docker-buildx";

    /// <summary>Where the image has it.</summary>
    public static string OfImage => Path.GetFullPath(ImagePath, AppContext.BaseDirectory);

    /// <param name="dockerConfig">The folder of Docker's configuration, where setup-buildx-action puts its
    /// download.</param>
    /// <param name="image">Where the image has buildx.</param>
    /// <param name="self">This program.</param>
    /// <param name="resolve">Follows all links of a path; null if there is no such program.</param>
    /// <returns>The download if there is one, so that <c>version:</c> counts; never ourselves.</returns>
    public static string Choose(string dockerConfig, string image, string self, Func<string, string?> resolve)
    {
        var download = Path.Combine(dockerConfig, "cli-plugins", FileName);
        var target = resolve(download);
        return target is not null && target != resolve(self) ? download : image;
    }
}
