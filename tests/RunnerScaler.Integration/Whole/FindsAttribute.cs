namespace RunnerScaler.Integration.Whole;

/// <summary>Checks of <c>docs/doctor.md</c> that a test sees warn or fail, of a fault that it made.</summary>
/// <param name="checks">By their names in the page.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FindsAttribute(params string[] checks) : Attribute
{
    public IReadOnlyList<string> Checks => checks;
}
