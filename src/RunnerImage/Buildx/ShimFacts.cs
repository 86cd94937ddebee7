using RunnerImage.Builders;
using RunnerScaler.Protocol;

namespace RunnerImage.Buildx;

/// <summary>What the shim knows besides the arguments.</summary>
/// <param name="Mode">Where builds run.</param>
/// <param name="Address">BuildKit's address for this job.</param>
/// <param name="TlsFolder">Where <c>ca.crt</c>, <c>tls.crt</c> and <c>tls.key</c> are, for a shared daemon.</param>
/// <param name="HasDocker">Whether a Docker daemon can be reached, because the job or the pool brought one.</param>
/// <param name="BuildxBuilder">The variable <c>BUILDX_BUILDER</c>.</param>
/// <param name="CurrentBuilder">The builder that the job chose (<c>buildx use</c>, <c>create --use</c>); null if
/// none.</param>
/// <param name="BuildKitHost">The variable <c>BUILDKIT_HOST</c>.</param>
/// <param name="EndpointsOf">The endpoints of a builder in buildx's store; null if there is no such builder.</param>
/// <param name="ReadText">The text of a file; null if it cannot be read.</param>
internal sealed record ShimFacts(
    BuilderMode Mode,
    string Address,
    string? TlsFolder,
    bool HasDocker,
    string? BuildxBuilder,
    string? CurrentBuilder,
    string? BuildKitHost,
    Func<string, IReadOnlyList<string>?> EndpointsOf,
    Func<string, string?> ReadText)
{
    /// <summary>The builder that the image brings.</summary>
    public const string OurBuilder = BuilderEntry.Name;

    /// <summary>Docker's own builder.</summary>
    public const string DockerBuilder = "default";

    /// <summary>
    /// The builder that a command gets if it names none. The variable comes from the image, and must not hide what the
    /// job chose. Where it is missing, buildx takes Docker's builder, and so does Docker for <c>docker build</c>, for
    /// the sake of a daemon that is not there.
    /// </summary>
    public string? ChosenBuilder => BuildxBuilder switch
    {
        OurBuilder => CurrentBuilder ?? OurBuilder,
        null or DockerBuilder when !HasDocker =>
            CurrentBuilder ?? (EndpointsOf(OurBuilder) is null ? BuildxBuilder : OurBuilder),
        _ => BuildxBuilder,
    };
}
