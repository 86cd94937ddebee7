using System.Collections.Immutable;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Asking;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Hosting.Commands;

/// <summary>By which commands are told which controller to ask, and as whom.</summary>
/// <param name="Place">Where the controller is; null to look for it.</param>
/// <param name="Account">The ServiceAccount to ask as; null for who runs the command.</param>
/// <param name="Namespace">The namespace that is meant where none is named.</param>
internal sealed record ControllerArguments(ControllerPlace? Place, ControllerPlace? Account, string Namespace)
{
    private const string Controller = "controller";
    private const string ServiceAccount = "service-account";

    /// <summary>Where the controller is usually installed.</summary>
    private const string UsualNamespace = "runnerscaler";

    public static ImmutableArray<CommandArgument> Declared { get; } =
    [
        new(Controller, "", "the controller's Service, as NAMESPACE/NAME; without it, the only one of the cluster"),
        new(ServiceAccount, "", "the ServiceAccount to ask as, NAMESPACE/NAME, if the kubeconfig shows no token"),
    ];

    /// <exception cref="CommandException">One is no NAMESPACE/NAME.</exception>
    public static ControllerArguments Of(CommandCall call) => new(
        PlaceIn(call, Controller),
        PlaceIn(call, ServiceAccount),
        ClusterConnection.OwnNamespace(
            call.Options.Kubernetes, KubernetesRegistration.Connect(call.Options.Kubernetes)));

    /// <returns>The controller, or why it cannot be asked.</returns>
    public async Task<(ProxiedController? Controller, string Why)> FindAsync(ApiServer api, CancellationToken cancel)
    {
        var (token, why) = Account is null ? (null, "") : await ProxiedController.TokenAsync(api, Account, cancel);
        if (Account is not null && token is null)
            return (null, why);
        var place = Place;
        if (place is null)
        {
            string[] likely = [Namespace, UsualNamespace];
            (place, why) = await new ControllerSearch(api).FindAsync([.. likely.Distinct()], cancel);
        }
        return place is null ? (null, why) : (new(api, place, token), "");
    }

    private static ControllerPlace? PlaceIn(CommandCall call, string argument)
    {
        var text = call.Text(argument);
        return text.Length == 0
            ? null
            : ControllerPlace.Read(text)
                ?? throw new CommandException($"--{argument} is {text.Quote()}: set NAMESPACE/NAME.");
    }
}
