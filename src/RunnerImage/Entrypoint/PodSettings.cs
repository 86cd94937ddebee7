using System.Globalization;
using RunnerScaler.Protocol;

namespace RunnerImage.Entrypoint;

/// <summary>What the controller and the image tell the entrypoint.</summary>
/// <param name="ClaimUrl">Where claims are posted.</param>
/// <param name="ClaimCa">The certificates to trust there.</param>
/// <param name="TokenFile">The projected token.</param>
/// <param name="Builder">Where builds go.</param>
/// <param name="BuilderAddress">The sidecar's socket; empty in other modes.</param>
/// <param name="BuilderProfile">The sidecar's profile.</param>
/// <param name="BuilderWait">How long the sidecar may take to listen.</param>
/// <param name="RegistryAuth">The file of registry credentials; null for none.</param>
/// <param name="Grace">The pod's grace period.</param>
/// <param name="MetricsPort">The port of the pod's metrics; 0 for none.</param>
/// <param name="StateFolder">Where the programs of the pod leave notes.</param>
internal sealed record PodSettings(
    string? ClaimUrl,
    string? ClaimCa,
    string TokenFile,
    BuilderMode Builder,
    string BuilderAddress,
    string? BuilderProfile,
    TimeSpan BuilderWait,
    string? RegistryAuth,
    TimeSpan Grace,
    int MetricsPort,
    string StateFolder)
{
    /// <summary>Kubernetes' own default.</summary>
    private const int DefaultGrace = 30;

    private const int DefaultBuilderWait = 60;
    private const int LongestSeconds = 7 * 24 * 3600;

    /// <param name="variable">Reads an environment variable.</param>
    /// <returns>The settings, or what is wrong with them.</returns>
    public static (PodSettings? Settings, string? Problem) Read(Func<string, string?> variable)
    {
        List<string> problems = [];
        var builder = ModeOf(variable, problems);
        var settings = new PodSettings(
            variable(PodVariables.ClaimUrl),
            variable(PodVariables.ClaimCa),
            variable(PodVariables.TokenFile) ?? "",
            builder,
            builder == BuilderMode.Sidecar ? AddressOf(variable, problems) : "",
            variable(PodVariables.BuilderProfile),
            TimeSpan.FromSeconds(Number(variable, PodVariables.BuilderWaitSeconds, DefaultBuilderWait, LongestSeconds,
                problems)),
            variable(PodVariables.RegistryAuth) is { Length: > 0 } file ? file : null,
            TimeSpan.FromSeconds(Number(variable, PodVariables.GraceSeconds, DefaultGrace, LongestSeconds, problems)),
            Number(variable, PodVariables.MetricsPort, 0, 65535, problems),
            variable(PodVariables.StateFolder) is { Length: > 0 } folder ? folder : Entrypoint.StateFolder.Default);
        if (settings.TokenFile.Length == 0)
            problems.Add($"{PodVariables.TokenFile} must name the file of the pod's token");
        return problems.Count == 0 ? (settings, null) : (null, string.Join("; ", problems));
    }

    private static BuilderMode ModeOf(Func<string, string?> variable, List<string> problems)
    {
        switch (variable(PodVariables.BuilderMode))
        {
            case null or "" or nameof(BuilderMode.None):
                return BuilderMode.None;
            case nameof(BuilderMode.Sidecar):
                return BuilderMode.Sidecar;
            case nameof(BuilderMode.Shared):
                return BuilderMode.Shared;
            case var other:
                problems.Add($"{PodVariables.BuilderMode} is \"{other}\" and must be Sidecar, Shared or None");
                return BuilderMode.None;
        }
    }

    private static string AddressOf(Func<string, string?> variable, List<string> problems)
    {
        var address = variable(PodVariables.BuilderAddresses) ?? "";
        if (address.Length == 0)
            problems.Add($"{PodVariables.BuilderAddresses} must be the sidecar's socket (unix://PATH)");
        return address;
    }

    private static int Number(Func<string, string?> variable, string name, int unset, int most, List<string> problems)
    {
        if (variable(name) is not { Length: > 0 } text)
            return unset;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most)
            return number;
        problems.Add($"{name} is \"{text}\" and must be a whole number from 0 to {most}");
        return unset;
    }
}
