namespace RunnerImage.Docker;

/// <summary>What the wrapper makes of a call of docker: nothing but passing it on if nothing is set.</summary>
/// <param name="Answer">What to print instead of the real program, with the exit code 0.</param>
/// <param name="Refusal">Why it cannot work, with the exit code 1.</param>
/// <param name="UsesImages">Whether the real program gets the pod's store of images in the place of a daemon.</param>
/// <param name="ConfigFolder">The folder of Docker's configuration that the call names; null if it names none.</param>
internal sealed record DockerDecision(
    string? Answer = null, Message? Refusal = null, bool UsesImages = false, string? ConfigFolder = null)
{
    public static readonly DockerDecision PassOn = new();
}
