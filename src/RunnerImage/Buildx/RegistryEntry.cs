using System.Collections.Immutable;
using System.Text;
using RunnerImage.Builders;
using RunnerScaler.Protocol;

namespace RunnerImage.Buildx;

/// <summary>
/// Tells buildx how registries are reached where it asks them itself: by the file of BuildKit's settings that its
/// builder has. Since it builds by no remote builder that has one, and lists none, this is a store of its own, with the
/// one builder that is asked for.
/// </summary>
internal static class RegistryEntry
{
    /// <summary>The variable that names buildx's store.</summary>
    public const string Variable = "BUILDX_CONFIG";

    private const string FolderName = "registries";

    /// <summary>The folder of credentials for parts of registries, in a store.</summary>
    private const string Logins = "config";

    /// <summary>Makes the store say this, unless it does already.</summary>
    /// <param name="store">The job's store.</param>
    /// <param name="builder">The builder's name.</param>
    /// <param name="registries">What is to be known of registries.</param>
    /// <returns>The folder; null if there is nothing to tell, or the job has settings of its own in that builder.
    /// </returns>
    public static string? Write(BuildxStore store, string builder, ImmutableArray<PodRegistry> registries)
    {
        if (registries.IsEmpty || !store.IsWithoutFiles(builder))
            return null;
        var folder = new BuildxStore(Path.Combine(store.Folder, FolderName));
        try
        {
            BuilderEntry.WriteTo(folder.PathOf(builder), BuilderEntry.ContentOfSettings(builder, Settings(registries)));
            LinkLogins(Path.Combine(folder.Folder, Logins));
            return folder.Folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Registries are then asked as all others are, and buildx says what comes of it.
            return null;
        }
    }

    /// <summary>
    /// The tables of registries of <see href="https://github.com/moby/buildkit/blob/master/docs/buildkitd.toml.md"/>.
    /// Of mirrors, buildx takes no paths.
    /// </summary>
    private static string Settings(ImmutableArray<PodRegistry> registries)
    {
        var toml = new StringBuilder();
        foreach (var registry in registries)
        {
            toml.Append("[registry.\"").Append(registry.Host).Append("\"]\n  mirrors = [")
                .AppendJoin(", ", registry.Mirrors.Where(m => !m.Contains('/', StringComparison.Ordinal))
                    .Select(m => $"\"{m}\""))
                .Append("]\n");
            if (registry.Http)
                toml.Append("  http = true\n");
            if (registry.Insecure)
                toml.Append("  insecure = true\n");
        }

        return toml.ToString();
    }

    private static void LinkLogins(string link)
    {
        try
        {
            File.CreateSymbolicLink(link, Path.Combine("..", Logins));
        }
        catch (IOException) when (new FileInfo(link).LinkTarget is not null)
        {
            // Another call has made it.
        }
    }
}
