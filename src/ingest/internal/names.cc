#include "ingest/internal/names.h"

namespace cloison::ingest::internal {
namespace {

// clang-format off
// The order is the rank: the first name is the most frequent one.
constexpr std::string_view kFamilyFrench[] = {
    "Martin", "Bernard", "Thomas", "Petit", "Robert", "Richard", "Durand", "Dubois", "Moreau",
    "Laurent", "Simon", "Michel", "Lefèvre", "Leroy", "Roux", "David", "Bertrand", "Morel",
    "Fournier", "Girard", "Bonnet", "Dupont", "Lambert", "Fontaine", "Rousseau", "Vincent",
    "Muller", "Lefebvre", "Faure", "André", "Mercier", "Blanc", "Guérin", "Boyer", "Garnier",
    "Chevalier", "François", "Legrand", "Gauthier", "Garcia", "Perrin", "Robin", "Clément",
    "Morin", "Nicolas", "Henry", "Roussel", "Mathieu", "Gautier", "Masson", "Marchand", "Duval",
    "Denis", "Dumont", "Marie", "Lemaire", "Noël", "Meyer", "Dufour", "Meunier", "Brun",
    "Blanchard", "Giraud", "Joly", "Rivière", "Lucas", "Brunet", "Gaillard", "Barbier",
    "Arnaud", "Martinez", "Gérard", "Roche", "Renard", "Schmitt", "Roy", "Leroux", "Colin",
    "Vidal", "Caron", "Picard", "Roger", "Fabre", "Aubert", "Lemoine", "Renaud", "Dumas",
    "Lacroix", "Olivier", "Philippe", "Bourgeois", "Pierre", "Benoît", "Rey", "Leclerc",
    "Payet", "Rolland", "Leclercq", "Guillaume", "Lecomte", "Lopez", "Jean", "Dupuy", "Guillot",
    "Hubert", "Berger", "Carpentier", "Sanchez", "Dupuis", "Moulin", "Louis", "Deschamps",
    "Huet", "Vasseur", "Perez", "Boucher", "Fleury", "Royer", "Klein", "Jacquet", "Adam",
    "Paris", "Poirier", "Marty", "Aubry", "Guyot", "Carré", "Charles", "Renault", "Charpentier",
    "Ménard", "Maillard", "Baron", "Bertin", "Bailly", "Hervé", "Schneider", "Fernandez",
    "Le Gall", "Collet", "Léger", "Bouvier", "Julien", "Prévost", "Millet", "Perrot", "Daniel",
    "Le Roux", "Cousin", "Germain", "Breton", "Besson", "Langlois", "Rémy", "Le Goff",
    "Pelletier", "Lévêque", "Perrier", "Leblanc", "Barré", "Lebrun", "Marchal", "Weber",
    "Mallet", "Hamon", "Boulanger", "Jacob", "Monnier", "Michaud", "Rodriguez", "Guichard",
    "Gillet", "Étienne", "Grondin", "Poulain", "Tessier", "Chevallier", "Collin", "Chauvin",
    "Da Silva", "Bouchet", "Gay", "Lemaître", "Bénard", "Maréchal", "Humbert", "Reynaud",
    "Antoine", "Hoarau", "Perret", "Barthélémy", "Cordier", "Pichon", "Lejeune", "Gilbert",
    "Lamy", "Delaunay", "Pasquier", "Carlier", "Laporte",
};
constexpr std::string_view kFamilyForeign[] = {
    "Benali", "Nguyen", "Diallo", "Traoré", "Ferreira", "Da Silva", "Fernandes", "Pereira",
    "Rodrigues", "Lopes", "Santos", "Gonçalves", "Dos Santos", "Alves", "Costa", "Benmoussa",
    "Haddad", "Mansouri", "Khelifi", "Belkacem", "Bouzid", "Hamidi", "Cherif", "Saidi",
    "Amrani", "Alaoui", "El Amrani", "Bennani", "Tazi", "Idrissi", "Trabelsi", "Ben Salah",
    "Gharbi", "Jaziri", "Yilmaz", "Kaya", "Demir", "Çelik", "Şahin", "Öztürk", "Kowalski",
    "Nowak", "Wiśniewski", "Popescu", "Ionescu", "Popa", "Shevchenko", "Kovalenko", "Cissé",
    "Coulibaly", "Keita", "Sow", "Ba", "Ndiaye", "Diop", "Fall", "Koné", "Ouattara", "Kouassi",
    "Mbarga", "Ngo", "Mbala", "Kabongo", "Ilunga", "Rakoto", "Rabe", "Andriamanana", "Ali",
    "Said", "Mohamed", "Pierre-Louis", "Jean-Baptiste", "Joseph", "Oliveira", "Wang", "Zhang",
    "Chen", "Li", "Tran", "Le", "Pham", "Kumar", "Selvarajah", "Sivakumar", "Ahmadi", "Rahimi",
    "Al-Hassan", "Rossi", "Russo", "Bianchi", "García", "Fernández", "Schmidt", "Becker",
    "Peeters", "Smith", "Jones",
};
constexpr std::string_view kWomenOld[] = {
    "Marie", "Nathalie", "Isabelle", "Sylvie", "Catherine", "Martine", "Christine", "Françoise",
    "Valérie", "Sandrine", "Véronique", "Patricia", "Brigitte", "Anne", "Monique", "Stéphanie",
    "Céline", "Sophie", "Laurence", "Corinne", "Florence", "Karine", "Pascale", "Dominique",
    "Annie", "Michèle", "Nicole", "Béatrice", "Chantal", "Christelle", "Évelyne", "Fabienne",
    "Élisabeth", "Agnès", "Hélène", "Virginie", "Delphine", "Muriel", "Carole", "Nadine",
    "Danielle", "Marie-Christine", "Ghislaine", "Odile", "Maryse", "Éliane", "Anne-Marie",
    "Josiane", "Mireille", "Régine",
};
constexpr std::string_view kWomenYoung[] = {
    "Camille", "Léa", "Manon", "Marie", "Laura", "Julie", "Pauline", "Marine", "Océane",
    "Mathilde", "Chloé", "Sarah", "Lucie", "Clara", "Emma", "Morgane", "Anaïs", "Justine",
    "Marion", "Charlotte", "Margaux", "Mélanie", "Émilie", "Aurélie", "Élodie", "Laëtitia",
    "Amandine", "Audrey", "Jessica", "Caroline", "Alice", "Inès", "Juliette", "Noémie",
    "Coralie", "Fanny", "Lisa", "Solène", "Alexandra", "Clémence", "Jade", "Romane", "Louise",
    "Eva", "Laurine", "Maëva", "Cassandra", "Ophélie", "Zoé", "Salomé",
};
constexpr std::string_view kMenOld[] = {
    "Philippe", "Michel", "Alain", "Patrick", "Christian", "Jean", "Pascal", "Thierry",
    "Bernard", "Éric", "Dominique", "Pierre", "Gérard", "Daniel", "Laurent", "Bruno", "Didier",
    "Jean-Pierre", "Christophe", "Gilles", "Frédéric", "Serge", "Marc", "François", "Stéphane",
    "Jacques", "Olivier", "Denis", "Jean-Luc", "Hervé", "Francis", "Franck", "Jean-Claude",
    "Yves", "Xavier", "André", "Jean-Marc", "Joël", "Claude", "Guy", "Vincent", "Fabrice",
    "Sylvain", "Jean-François", "Yannick", "Robert", "Régis", "Henri", "Jean-Michel",
    "Bertrand",
};
constexpr std::string_view kMenYoung[] = {
    "Thomas", "Nicolas", "Alexandre", "Lucas", "Maxime", "Antoine", "Kévin", "Julien",
    "Quentin", "Romain", "Hugo", "Clément", "Florian", "Valentin", "Théo", "Alexis",
    "Guillaume", "Anthony", "Mathieu", "Jérémy", "Dylan", "Benjamin", "Adrien", "Pierre",
    "Vincent", "Baptiste", "Louis", "Paul", "Léo", "Arthur", "Enzo", "Jordan", "Simon",
    "Corentin", "Nathan", "Mathis", "Tom", "Victor", "Loïc", "Bastien", "Damien", "Axel",
    "Gabriel", "Rémi", "Samuel", "Raphaël", "Tristan", "Martin", "Jules", "Ewen",
};
constexpr std::string_view kWomenForeign[] = {
    "Fatima", "Fatiha", "Khadija", "Aïcha", "Nadia", "Samira", "Karima", "Leïla", "Yasmina",
    "Malika", "Amina", "Meryem", "Sonia", "Imane", "Salma", "Aminata", "Fatoumata", "Mariam",
    "Awa", "Kadiatou", "Adama", "Maria", "Ana", "Carla", "Sofia", "Elena", "Ioana", "Oksana",
    "Olena", "Katarzyna", "Agnieszka", "Ayşe", "Elif", "Zeynep", "Fatma", "Hoa", "Linh", "Thi",
    "Mai", "Wei", "Li", "Xin", "Priya", "Anjali", "Zahra", "Maryam", "Nour", "Rania", "Giulia",
    "Ingrid",
};
constexpr std::string_view kMenForeign[] = {
    "Mohamed", "Ahmed", "Karim", "Rachid", "Said", "Mustapha", "Youssef", "Hassan",
    "Abdelkader", "Ali", "Omar", "Ibrahim", "Mehdi", "Bilal", "Nabil", "Samir", "Amadou",
    "Mamadou", "Moussa", "Ousmane", "Cheikh", "Abdoulaye", "Boubacar", "Seydou", "João", "José",
    "Carlos", "Manuel", "Paulo", "Andrei", "Ion", "Mihai", "Oleksandr", "Piotr", "Krzysztof",
    "Mehmet", "Mustafa", "Emre", "Hüseyin", "Minh", "Tuan", "Wei", "Jun", "Ravi", "Suresh",
    "Reza", "Farid", "Kofi", "Emmanuel", "Marco",
};
constexpr std::string_view kStreets[] = {
    "de la République", "Victor Hugo", "Jean Jaurès", "de l'Église", "des Lilas", "du Moulin",
    "de la Gare", "Pasteur", "des Écoles", "du Général de Gaulle", "de la Mairie",
    "des Acacias", "du Stade", "Émile Zola", "Voltaire", "de la Paix", "des Roses",
    "du Château", "de la Fontaine", "Jules Ferry", "des Tilleuls", "de Verdun", "Gambetta",
    "du Port", "de la Liberté", "des Cerisiers", "Louis Pasteur", "Anatole France",
    "des Peupliers", "Jean Moulin", "du 8 Mai 1945", "Molière", "des Violettes", "de la Forêt",
    "du Marché", "Marie Curie", "de Bretagne", "des Vignes", "du Lavoir", "Saint-Martin",
};
constexpr std::string_view kStreetKinds[] = {
    "rue", "avenue", "boulevard", "place", "chemin", "allée", "impasse", "rue", "rue", "rue",
};
constexpr std::string_view kNotes[] = {
    "Recherche un emploi à temps partiel.", "Projet de reconversion dans le numérique.",
    "Permis B, véhicule personnel.", "Formation en cours, disponible en septembre.",
    "Souhaite travailler près de son domicile.",
    "Entretien à reprendre après la garde d'enfant.",
    "Expérience de dix ans dans la logistique.", "Anglais courant, notions d'espagnol.",
    "Validation des acquis demandée.", "Disponible immédiatement.",
};
constexpr std::string_view kNeeds[] = {
    "Poste assis, pauses régulières.", "Écran adapté et logiciel de lecture.",
    "Horaires aménagés.", "Pas de port de charges.",
    "Interprète en langue des signes pour les entretiens.", "Bureau accessible en fauteuil.",
};
// clang-format on

}  // namespace

const NameLists& Lists() {
  static constexpr NameLists kLists = {kFamilyFrench, kFamilyForeign, kWomenOld,     kWomenYoung,
                                       kMenOld,       kMenYoung,      kWomenForeign, kMenForeign,
                                       kStreets,      kStreetKinds,   kNotes,        kNeeds};
  return kLists;
}

}  // namespace cloison::ingest::internal
