using RunnerImage.Builders;

namespace RunnerImage.Buildx;

/// <summary>What the shim knows besides the arguments.</summary>
/// <param name="Mode">Where builds run.</param>
/// <param name="Address">BuildKit's address for this job.</param>
/// <param name="TlsFolder">Where <c>ca.crt</c>, <c>tls.crt</c> and <c>tls.key</c> are, for a shared daemon.</param>
/// <param name="HasDocker">Whether a Docker daemon can be reached, because the job or the pool brought one.</param>
/// <param name="BuildxBuilder">The variable <c>BUILDX_BUILDER</c>.</param>
/// <param name="BuildKitHost">The variable <c>BUILDKIT_HOST</c>.</param>
/// <param name="EndpointsOf">The endpoints of a builder in buildx's store; null if there is no such builder.</param>
/// <param name="ReadText">The text of a file; null if it cannot be read.</param>
internal sealed record ShimFacts(
    BuilderMode Mode,
    string Address,
    string? TlsFolder,
    bool HasDocker,
    string? BuildxBuilder,
    string? BuildKitHost,
    Func<string, IReadOnlyList<string>?> EndpointsOf,
    Func<string, string?> ReadText)
{
    /// <summary>The builder that the image brings.</summary>
    public const string OurBuilder = BuilderEntry.Name;
}
