using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace RunnerScaler.Hosting;

/// <summary>A section's options, as properties of one object.</summary>
internal sealed class OptionSection
{
    private OptionSection(string name, object options, PropertyInfo[] properties) =>
        (Name, Options, Properties) = (name, options, properties);

    public string Name { get; }

    public object Options { get; }

    public PropertyInfo[] Properties { get; }

    /// <summary>A program that is compiled ahead of time keeps of a type what is asked for here.</summary>
    public static OptionSection Of<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>(
        string name, T options)
        where T : class => new(name, options, typeof(T).GetProperties());
}
