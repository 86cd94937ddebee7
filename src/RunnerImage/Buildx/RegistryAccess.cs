using System.Net.Sockets;
using RunnerImage.Registries;
using RunnerScaler.Protocol;

namespace RunnerImage.Buildx;

/// <summary>
/// What buildx needs to ask registries itself in the way that the pool says: a store with their settings, and a tunnel
/// to those whose certificates are not checked, since buildx leaves that setting out here.
/// </summary>
internal sealed class RegistryAccess : IDisposable
{
    private readonly RegistryTunnel? tunnel;
    private readonly string folder;

    private RegistryAccess(RegistryTunnel? tunnel, string folder, IReadOnlyList<string> variables)
    {
        this.tunnel = tunnel;
        this.folder = folder;
        Variables = variables;
    }

    /// <summary>The variables (<c>NAME=VALUE</c>) of the program that asks.</summary>
    public IReadOnlyList<string> Variables { get; }

    /// <summary>Whether this must stay until the program has ended.</summary>
    public bool IsNeeded => tunnel is not null;

    /// <param name="pod">The pod, as the program sees it.</param>
    /// <param name="builder">The builder that it uses; null for Docker's own.</param>
    public static RegistryAccess Open(JobPod pod, string? builder)
    {
        var registries = PodRegistry.Read(pod.Value(PodVariables.Registries));
        List<string> variables = [];
        if (builder is not null
            && RegistryEntry.Write(new(pod.BuildxFolder), builder, registries) is { } store)
            variables.Add($"{RegistryEntry.Variable}={store}");
        var authorities = RegistryTrust.Folders(pod);
        var folder = Path.Combine(pod.StateFolder, $"tunnel-{Environment.ProcessId}");
        var tunnel = OpenTunnel([.. registries.Where(r => r.Insecure)], folder);
        if (tunnel is not null)
        {
            authorities = $"{authorities ?? pod.Value(RegistryTrust.Variable) ?? RegistryTrust.SystemFolder}:{folder}";
            var direct = string.Join(',', RegistryTunnel.Direct(registries));
            variables.AddRange([$"HTTPS_PROXY={tunnel.Address}", $"https_proxy={tunnel.Address}"]);
            variables.AddRange([$"NO_PROXY={direct}", $"no_proxy={direct}"]);
        }

        if (authorities is not null)
            variables.Add($"{RegistryTrust.Variable}={authorities}");
        return new(tunnel, folder, variables);
    }

    public void Dispose()
    {
        if (tunnel is null)
            return;
        tunnel.Dispose();
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It holds a certificate whose key is gone.
        }
    }

    private static RegistryTunnel? OpenTunnel(IReadOnlyList<PodRegistry> registries, string folder)
    {
        if (registries.Count == 0)
            return null;
        try
        {
            var tunnel = RegistryTunnel.Open(registries);
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, "tunnel.crt"), tunnel.CertificatePem);
            return tunnel;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            // Their certificates are then checked, and buildx says what comes of it.
            return null;
        }
    }
}
