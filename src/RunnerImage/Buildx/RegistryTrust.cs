namespace RunnerImage.Buildx;

/// <summary>
/// The authorities of registries for programs that do not look for them where Docker does
/// (<see href="https://docs.docker.com/engine/security/certificates/"/>): buildx asks registries itself for
/// <c>imagetools</c>, and knows the system's certificates only.
/// </summary>
internal static class RegistryTrust
{
    /// <summary>Where Go looks for certificates, as folders with colons between them.</summary>
    public const string Variable = "SSL_CERT_DIR";

    /// <summary>Docker's folder: one folder for each registry.</summary>
    public const string DockerFolder = "/etc/docker/certs.d";

    /// <summary>The folder of the links, in the state folder.</summary>
    public const string LinkFolder = "authorities";

    /// <summary>Where Go looks if the variable is not set.</summary>
    public const string SystemFolder = "/etc/ssl/certs";

    /// <summary>What the variable must be in a pod; null if it may stay as it is.</summary>
    public static string? Folders(JobPod pod) =>
        Folders(pod.Value(Variable), DockerFolder, Path.Combine(pod.StateFolder, LinkFolder));

    /// <summary>Collects the authorities of all registries in one folder.</summary>
    /// <param name="given">The variable's value now.</param>
    /// <param name="docker">Docker's folder.</param>
    /// <param name="links">Where to link them. Docker's own folders cannot be named in the variable: that of a registry
    /// with a port has a colon in its name.</param>
    /// <returns>What the variable must be; null if it may stay as it is.</returns>
    public static string? Folders(string? given, string docker, string links)
    {
        try
        {
            string[] files = Directory.Exists(docker) ? Directory.GetFiles(docker, "*.crt", Deep) : [];
            if (files.Length == 0)
                return null;
            Directory.CreateDirectory(links);
            foreach (var file in files)
                Link(file, Path.Combine(links, Path.GetRelativePath(docker, file).Replace('/', '-')));
            return $"{(string.IsNullOrEmpty(given) ? SystemFolder : given)}:{links}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Host and file; what is deeper is what a mounted volume keeps for itself.</summary>
    private static EnumerationOptions Deep { get; } =
        new() { RecurseSubdirectories = true, MaxRecursionDepth = 1, AttributesToSkip = FileAttributes.None };

    private static void Link(string file, string link)
    {
        try
        {
            File.CreateSymbolicLink(link, file);
        }
        catch (IOException) when (new FileInfo(link).LinkTarget == file)
        {
            // Another call has made it.
        }
    }
}
