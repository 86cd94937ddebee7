using System.Globalization;

namespace RunnerScaler.RealCluster;

/// <summary>A release of Kubernetes, and what its programs want to be told that others do not know.</summary>
/// <param name="Minor">The 36 of 1.36.</param>
internal sealed record KubeRelease(int Minor)
{
    /// <summary>Whether it is one that the controller is made for: it has native sidecars.</summary>
    public bool IsSupported => Minor >= 29;

    /// <summary>
    /// Before 1.24 an open port had to be declined:
    /// https://github.com/kubernetes/kubernetes/blob/master/CHANGELOG/CHANGELOG-1.24.md.
    /// </summary>
    public IReadOnlyList<string> InsecurePortFlags => Minor < 24 ? ["--port=0"] : [];

    /// <summary>More of the kubelet's configuration, after its last member.</summary>
    /// <remarks>From 1.35 on it has to be told that control groups of version 1 will do.</remarks>
    public string KubeletSettings => Minor < 31 ? "" : """, "failCgroupV1": false""";

    /// <summary>Before 1.27 the kubelet did not know that containers are run by a program of their own.</summary>
    public IReadOnlyList<string> KubeletFlags(string pauseImage) =>
        Minor < 27 ? ["--container-runtime=remote", "--pod-infra-container-image", pauseImage] : [];

    /// <summary>Asks a program of Kubernetes.</summary>
    /// <exception cref="InvalidOperationException">It does not say <c>Kubernetes v1.36.2</c> or the like.</exception>
    public static async Task<KubeRelease> OfAsync(string program)
    {
        var said = await Command.RunAsync(program, "--version");
        return said.Trim().Split('.') is [var major, var minor, ..] && major.EndsWith(" v1", StringComparison.Ordinal)
            && int.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? new(number)
                : throw new InvalidOperationException($"{program} --version says \"{said.Trim()}\", no release 1.N.");
    }
}
