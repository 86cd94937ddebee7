using RunnerImage.Images;

namespace RunnerImage.Registries;

/// <summary>That a registry refuses something, in Docker's words.</summary>
/// <param name="repository">What was asked for.</param>
/// <param name="status">The status of its answer.</param>
/// <param name="words">The registry's own words.</param>
internal sealed class RegistryException(ImageReference repository, int status, string words)
    : Exception(Sentence(repository, status, words))
{
    public const int Unauthorized = 401;

    private const int Forbidden = 403;
    private const int NotFound = 404;

    /// <summary>Whether there is no such repository, or none for this job.</summary>
    public bool IsNotFound => status is NotFound or Forbidden;

    private static string Sentence(ImageReference repository, int status, string words) => status switch
    {
        NotFound => $"repository {repository.FamiliarRepository} not found: {words}",
        Unauthorized or Forbidden => $"pull access denied for {repository.FamiliarRepository}, repository does not "
            + $"exist or may require 'docker login': {words}",
        _ => words,
    };
}
