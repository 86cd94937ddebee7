namespace RunnerImage.Docker;

/// <summary>The commands of docker that the pod's store of images answers.</summary>
internal static class ImageCommands
{
    /// <summary>What takes files out of an image without running anything.</summary>
    private static readonly string[] OfContainer = ["create", "cp", "export", "rm"];

    private static readonly string[] Plain =
        ["push", "pull", "tag", "images", "rmi", "history", "inspect", "save", "load", "import", .. OfContainer];

    private static readonly string[] OfImage =
        ["push", "pull", "tag", "ls", "list", "rm", "remove", "history", "inspect", "prune", "save", "load", "import"];

    private static readonly string[] Empty = ["container", "network", "volume"];

    /// <param name="words">The arguments from the command on.</param>
    public static bool Has(string[] words) => words switch
    {
        ["image", var command, ..] => OfImage.Contains(command),
        ["container", var command, ..] when OfContainer.Contains(command) => true,
        ["system", "df" or "prune", ..] => true,
        // There is nothing of the kind to remove, or a container that was created, so that a clean-up succeeds.
        [var kind, "prune", ..] => Empty.Contains(kind),
        [var command, ..] => Plain.Contains(command),
        _ => false,
    };
}
