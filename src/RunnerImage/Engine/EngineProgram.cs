using System.Net.Sockets;
using RunnerImage.Builders;
using RunnerImage.Buildx;
using RunnerImage.Http;
using RunnerImage.Images;
using RunnerImage.Posix;
using RunnerImage.Registries;
using RunnerImage.Web;
using RunnerScaler.Protocol;

namespace RunnerImage.Engine;

/// <summary>Runs Docker's CLI with the pod's store of images in the place of a daemon, for one command.</summary>
internal sealed class EngineProgram(JobPod pod, TextWriter error)
{
    /// <param name="docker">Docker's CLI.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>Its exit code; if a signal ended it, the same ends this process.</returns>
    public int Run(string docker, IReadOnlyList<string> arguments)
    {
        var store = StorePlace.Open(pod);
        var path = Path.Combine(pod.StateFolder, $"images-{Environment.ProcessId}.sock");
        using var access = Access();
        var registries = PodRegistry.Read(pod.Value(PodVariables.Registries));
        using var web = new WebReader(TimeProvider.System);
        using var lax = new WebReader(
            TimeProvider.System, to => registries.Any(r => r.Insecure && r.IsAt(to.IdnHost, to.Port)));
        var api = Api(store, Tools(access), web, new(lax, registries));
        try
        {
            Directory.CreateDirectory(pod.StateFolder);
            File.Delete(path);
            using var socket = HttpSocket.Listen(new UnixDomainSocketEndPoint(path), api.Handle);
            var end = new Child().Run(
                Environment.ProcessPath!, ChildLauncher.Arguments([$"DOCKER_HOST=unix://{path}"], docker, arguments));
            if (end is not var (code, signal))
                return Programs.CannotStart;
            return signal == 0 ? code : Native.DieOf(signal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException
            or ArgumentException)
        {
            new JobLog(pod, error).Say(Message.Error("images",
                $"The images of this runner cannot be used: {path} cannot be listened at ({e.Message})."));
            return 1;
        }
        finally
        {
            Remove(path);
        }
    }

    private static EngineApi Api(ImageStore store, ImageTools tools, WebReader web, RegistryClient client)
    {
        var registries = new RegistryImages(store, tools);
        return new(
            new(store, TimeProvider.System), new(store, tools), new(store, registries, new(client)),
            new(store, registries), new(store, web, TimeProvider.System), new(store, registries), new(client));
    }

    private ImageTools Tools(RegistryAccess access)
    {
        new BuildxStore(pod.BuildxFolder).Complete(pod.BuilderAddress, pod.TlsFolder);
        return new(RealBuildx.OfImage,
            [$"{BuilderEntry.Variable}={BuilderEntry.Name}", $"DOCKER_CONFIG={pod.DockerConfig}",
                .. access.Variables]);
    }

    /// <summary>
    /// The authorities are for this process too, which asks registries itself, and for all programs that it starts.
    /// </summary>
    private RegistryAccess Access()
    {
        var access = RegistryAccess.Open(pod, BuilderEntry.Name);
        if (RegistryTrust.Folders(pod) is { } folders)
            Native.SetVariable(RegistryTrust.Variable, folders);
        return access;
    }

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next of this number takes it away.
        }
    }
}
