using RunnerImage.Images;

namespace RunnerImage.Buildx;

/// <summary>An image of the store under the name by which a Dockerfile asks for it.</summary>
/// <param name="Name">The name of the build context.</param>
/// <param name="Digest">The image.</param>
/// <param name="Source">The repository that it was pulled from; null if it is all here.</param>
internal sealed record ImageContext(string Name, string Digest, string? Source)
{
    /// <summary>The context's value, as buildx reads it: BuildKit fetches itself what is in a registry.</summary>
    /// <param name="store">The folder of the store.</param>
    public string Value(string store) =>
        Source is null ? $"oci-layout://{store}@{Digest}" : $"docker-image://{Source}@{Digest}";
}

/// <summary>
/// Which images of the store a build is told of, as named contexts: BuildKit then takes them instead of asking a
/// registry (https://docs.docker.com/build/concepts/context/#named-contexts).
/// </summary>
internal static class ImageContexts
{
    /// <summary>What begins the address of a context that is an image.</summary>
    private const string OfImage = "docker-image://";

    /// <summary>The contexts that the user has named and that are images of the store: with a daemon, those would be
    /// the daemon's.</summary>
    /// <param name="images">The images of the store.</param>
    /// <param name="given">Name and value of each context that the user has named.</param>
    public static IReadOnlyList<ImageContext> InPlaceOf(
        IReadOnlyList<StoredImage> images, IEnumerable<KeyValuePair<string, string>> given) =>
        [.. from context in given
            where context.Value.StartsWith(OfImage, StringComparison.Ordinal)
            let asked = ImageReference.Parse(context.Value[OfImage.Length..])
            where asked is not null
            let image = images.FirstOrDefault(i => asked.Digest is { } digest
                ? i.Id == digest && i.Name?.Repository == asked.Repository
                : i.Name?.Name == asked.Name)
            where image is not null
            select new ImageContext(context.Key, image.Id, image.Source)];

    /// <param name="images">The images of the store.</param>
    /// <param name="dockerfile">What the build's Dockerfile names; null if it cannot be read here, as that of a Git
    /// repository.</param>
    /// <param name="given">Contexts that the user has named.</param>
    public static IReadOnlyList<ImageContext> For(
        IReadOnlyList<StoredImage> images, DockerfileNames? dockerfile, IReadOnlyCollection<string> given)
    {
        var asked = dockerfile?.Images.Select(ImageReference.Parse).Select(r => r?.Name).ToHashSet();
        return [.. from image in images
                   let name = image.Name
                   where name is not null
                   let context = name.ContextName
                   where IsFree(context, dockerfile) && !given.Contains(context, StringComparer.OrdinalIgnoreCase)
                   where dockerfile is null || dockerfile.HasVariables || asked!.Contains(name.Name)
                   select new ImageContext(context, image.Id, image.Source)];
    }

    /// <summary>
    /// Whether no stage can have the name: a context would take the stage's place, and stages win with Docker. Stages
    /// have neither tags nor slashes, and can be asked for by number.
    /// </summary>
    private static bool IsFree(string context, DockerfileNames? dockerfile) =>
        context.AsSpan().ContainsAny(':', '/')
        || (dockerfile is not null && !dockerfile.Stages.Contains(context) && !context.All(char.IsAsciiDigit));
}
